import FoundationEssentials

/// The index of a state dict in several files: `weight_map` names the file of every tensor.
enum StateDictIndex {
    private static let longestIndex = 64 << 20

    /// Opens the files that the index at `path` names; all have to lie beside it. Throws `malformedFile`, also if a
    /// file holds a tensor that the index puts elsewhere or does not hold one that it promises.
    static func open(_ path: String) throws(ModelsError) -> StateDictTable {
        let file = try MappedFile(path: path)
        guard file.count <= longestIndex else {
            throw ModelsError(.malformedFile, source: path, "an index of \(file.count) bytes")
        }
        let keys = try JSONValue.parseObject(Data(file.array(0..<file.count)), source: path)
        guard case .object(let map)? = keys["weight_map"] else {
            throw ModelsError(.malformedFile, source: path, "key 'weight_map': expected an object of tensors and files")
        }
        var shards: [String: any StateDictSource] = [:]
        var tensors: [(name: String, tensor: StoredTensor)] = []
        for (name, value) in map.sorted(by: { $0.key < $1.key }) {
            guard case .string(let shard) = value, isPlain(shard) else {
                throw ModelsError(
                    .malformedFile, source: path,
                    "tensor '\(name)': expected the name of a file beside the index, "
                        + "got \(value.text(indentation: nil).prefix(200))")
            }
            let source: any StateDictSource
            if let known = shards[shard] {
                source = known
            } else {
                source = try StateDictFiles.single("\(parentDirectory(of: path))/\(shard)")
                for name in source.names where map[name] != value {
                    throw ModelsError(
                        .malformedFile, source: source.path, "tensor '\(name)' is not listed here by the index \(path)")
                }
                shards[shard] = source
            }
            guard let tensor = source.tensor(name) else {
                throw ModelsError(
                    .malformedFile, source: path, "tensor '\(name)' is not in \(shard), which should hold it")
            }
            tensors.append((name, tensor))
        }
        let isSafetensors = shards.values.allSatisfy { $0.format == .safetensors }
        return try StateDictTable(
            path: path, format: isSafetensors ? .shardedSafetensors : .shardedPytorch, tensors)
    }

    /// Whether `name` names a file in the same directory.
    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.unicodeScalars.allSatisfy { $0 != "/" && $0.value >= 0x20 }
    }
}
