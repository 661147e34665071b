/// A checkpoint of TensorFlow: `PREFIX.index` says which bytes of `PREFIX.data-00000-of-00001` (or of several such
/// files) each variable has. The variables of BERT and ALBERT are listed under the names that `transformers` uses.
enum TensorFlowCheckpoint {
    private static let mostShards: UInt64 = 1000

    /// Opens the checkpoint whose index is at `path`. Optimizer states, the step and variables that are no numbers are
    /// left out. Throws `fileSystem` and `malformedFile`.
    static func open(index path: String) throws(ModelsError) -> StateDictTable {
        let file = try MappedFile(path: path)
        let table = try SortedTable(file)
        guard let header = table.entries.first, header.key.isEmpty else {
            throw ModelsError(.malformedFile, source: path, "no header: not the index of a TensorFlow checkpoint")
        }
        let shardCount = try Self.shardCount(ByteCursor(file, header.value, subject: "header"))
        let names = TensorFlowNames(variables: table.entries.lazy.map(\.key))
        var shards: [Int: MappedFile] = [:]
        var tensors: [(name: String, tensor: StoredTensor)] = []
        for (variable, value) in table.entries.dropFirst() {
            guard let (name, isTransposed) = names.tensor(of: variable) else { continue }
            let entry = try TensorFlowEntry(ByteCursor(file, value, subject: "variable '\(variable)'"))
            guard let dtype = entry.dtype else { continue }
            func malformed(_ message: String) -> ModelsError {
                ModelsError(.malformedFile, source: path, "variable '\(variable)': \(message)")
            }
            guard !entry.isSliced else { throw malformed("stored in slices, which is not supported") }
            guard entry.shard < shardCount else {
                throw malformed("in file \(entry.shard) of \(shardCount)")
            }
            let data: MappedFile
            if let known = shards[entry.shard] {
                data = known
            } else {
                data = try MappedFile(path: shardPath(path, entry.shard, of: shardCount))
                shards[entry.shard] = data
            }
            guard entry.offset <= data.count, entry.size <= data.count - entry.offset else {
                throw malformed(
                    "\(entry.size) bytes at byte \(entry.offset) do not fit \(data.path) of \(data.count) bytes")
            }
            guard
                let tensor = StoredTensor(
                    data, entry.offset..<entry.offset + entry.size, dtype, shape: entry.shape,
                    checksum: SortedTable.unmasked(entry.checksum)),
                tensor.count * dtype.byteSize == entry.size
            else {
                throw malformed("shape \(entry.shape) of \(dtype.rawValue) does not fit \(entry.size) bytes")
            }
            guard !isTransposed || tensor.shape.count == 2 else {
                throw malformed("expected a matrix, got shape \(entry.shape)")
            }
            tensors.append((name, isTransposed ? tensor.transposed : tensor))
        }
        return try StateDictTable(path: path, format: .tensorflowCheckpoint, tensors)
    }

    /// The number of data files; throws for a checkpoint of a big-endian machine.
    private static func shardCount(_ message: ByteCursor) throws(ModelsError) -> Int {
        var message = message
        var count: UInt64 = 0
        while let field = try ProtocolField(&message) {
            switch (field.number, field.value) {
            case (1, .number(let value)): count = value
            case (2, .number(let order)) where order != 0: throw message.malformed("written by a big-endian machine")
            default: break
            }
        }
        guard (1...mostShards).contains(count) else {
            throw message.malformed("expected 1 to \(mostShards) data files, got \(count)")
        }
        return Int(count)
    }

    private static func shardPath(_ index: String, _ shard: Int, of count: Int) -> String {
        func padded(_ number: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        }
        return "\(index.dropLast(".index".count)).data-\(padded(shard))-of-\(padded(count))"
    }
}
