/// Tensors under names, in files: what a model's parameters are read from.
///
/// Opening one checks where every tensor lies; bytes are read and converted on demand.
package protocol StateDictSource: AnyObject, Sendable {
    /// The file that was opened: of several, the one that lists the others.
    var path: String { get }
    /// How the bytes are laid out.
    var format: StateDictFormat { get }
    /// The names of all tensors, each once.
    var names: [String] { get }
    /// The tensor called `name`, or nil.
    func tensor(_ name: String) -> StoredTensor?
}

/// The layouts of files that hold tensors.
package enum StateDictFormat: String, Sendable {
    /// One safetensors file.
    case safetensors
    /// Several, with an index.
    case shardedSafetensors = "sharded safetensors"
    /// What PyTorch writes since 1.6.
    case pytorchArchive = "pytorch zip archive"
    /// What PyTorch wrote before.
    case pytorchLegacy = "pytorch legacy pickle"
    /// Several files of PyTorch, with an index.
    case shardedPytorch = "sharded pytorch"
    /// TensorFlow's checkpoints, under the names that `transformers` uses.
    case tensorflowCheckpoint = "tensorflow checkpoint"
}

/// A source whose tensors were all found when it was opened.
final class StateDictTable: StateDictSource {
    let path: String
    let format: StateDictFormat
    let names: [String]
    private let tensors: [String: StoredTensor]

    /// Holds `tensors`; throws `malformedFile` if a name occurs twice.
    init(path: String, format: StateDictFormat, _ tensors: [(name: String, tensor: StoredTensor)]) throws(ModelsError) {
        self.path = path
        self.format = format
        var table: [String: StoredTensor] = [:]
        for (name, tensor) in tensors {
            guard table.updateValue(tensor, forKey: name) == nil else {
                throw ModelsError(.malformedFile, source: path, "two tensors are called '\(name)'")
            }
        }
        names = tensors.map(\.name)
        self.tensors = table
    }

    func tensor(_ name: String) -> StoredTensor? { tensors[name] }
}

extension StateDictSource {
    /// Copies `name` into `destination`, converting from any numeric type; counts must agree.
    package func copy(
        _ name: String, into destination: UnsafeMutableBufferPointer<Float>
    ) throws(ModelsError) {
        try unsafe required(name, count: destination.count).convert(into: destination)
    }

    /// Copies `name` into `destination`, converting from any numeric type; counts must agree.
    package func copy(
        _ name: String, into destination: UnsafeMutableBufferPointer<Double>
    ) throws(ModelsError) {
        try unsafe required(name, count: destination.count).convert(into: destination)
    }

    /// The elements of `name` as single-precision numbers, row by row.
    package func floats(_ name: String) throws -> [Float] {
        let tensor = try required(name)
        return try unsafe [Float](unsafeUninitializedCapacity: tensor.count) { buffer, initialized in
            try unsafe tensor.convert(into: UnsafeMutableBufferPointer(rebasing: buffer[..<tensor.count]))
            initialized = tensor.count
        }
    }

    /// The elements of `name` as double-precision numbers, row by row.
    package func doubles(_ name: String) throws -> [Double] {
        let tensor = try required(name)
        return try unsafe [Double](unsafeUninitializedCapacity: tensor.count) { buffer, initialized in
            try unsafe tensor.convert(into: UnsafeMutableBufferPointer(rebasing: buffer[..<tensor.count]))
            initialized = tensor.count
        }
    }

    private func required(_ name: String, count: Int? = nil) throws(ModelsError) -> StoredTensor {
        guard let tensor = tensor(name) else {
            throw ModelsError(.missingTensor, source: path, "no tensor is called '\(name)'")
        }
        if let count, count != tensor.count {
            throw ModelsError(
                .tensorMismatch, source: path, "tensor '\(name)': expected \(count) elements, got \(tensor.count)")
        }
        return tensor
    }
}
