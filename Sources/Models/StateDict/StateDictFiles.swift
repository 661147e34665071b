import FoundationEssentials

/// Finds and opens the weights of a model, whatever their format.
package enum StateDictFiles {
    /// The names that `transformers` gives them, in the order in which it looks for them.
    static let names = [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ]

    /// Opens `path`: a directory with weights, or a file of any format (of a TensorFlow checkpoint, its index or what the
    /// names of its files begin with). Throws `fileSystem` and `malformedFile`.
    package static func open(_ path: String) throws(ModelsError) -> any StateDictSource {
        var isDirectory: Bool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        if exists && isDirectory {
            guard let file = try file(in: path) else {
                throw ModelsError(
                    .fileSystem, source: path,
                    "no weights; expected one of \(names.joined(separator: ", ")) or a TensorFlow checkpoint")
            }
            return try open(file)
        }
        if path.hasSuffix(".index.json") { return try StateDictIndex.open(path) }
        if path.hasSuffix(".index") { return try TensorFlowCheckpoint.open(index: path) }
        if !exists, FileManager.default.fileExists(atPath: "\(path).index") {
            return try TensorFlowCheckpoint.open(index: "\(path).index")
        }
        return try single(path)
    }

    /// The weights in `directory`; nil if it has none. Throws `fileSystem` for several TensorFlow checkpoints.
    package static func file(in directory: String) throws(ModelsError) -> String? {
        let contents = Set((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
        if let name = names.first(where: contents.contains) { return "\(directory)/\(name)" }
        let indices = contents.filter { $0.hasSuffix(".index") }.sorted()
        guard indices.count <= 1 else {
            throw ModelsError(
                .fileSystem, source: directory,
                "several TensorFlow checkpoints: name one of \(indices.joined(separator: ", "))")
        }
        return indices.first.map { "\(directory)/\($0)" }
    }

    /// Opens one file that is complete in itself.
    static func single(_ path: String) throws(ModelsError) -> any StateDictSource {
        let file = try MappedFile(path: path)
        // First, because some header lengths look like the beginning of another format.
        if file.integer(at: 8, as: UInt8.self) == UInt8(ascii: "{") { return try SafetensorsFile(file) }
        if PyTorchFile.isArchive(file) { return try PyTorchFile.archive(file) }
        if PyTorchFile.isPickle(file) { return try PyTorchFile.legacy(file) }
        throw ModelsError(
            .malformedFile, source: path, "neither safetensors nor what PyTorch writes (zip archive or pickle)")
    }
}
