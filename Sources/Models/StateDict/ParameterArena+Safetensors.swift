package import Tensor

extension ParameterArena {
    /// Every parameter as an item for `SafetensorsWriter`, lending the arena's own memory.
    package var safetensorsItems: [SafetensorsItem] {
        entries.map { entry in
            let tensor = self[entry.name]
            return unsafe SafetensorsItem(
                name: entry.name, dtype: SafetensorsDType(tensor.dtype), shape: entry.shape.dimensions
            ) { body in
                try unsafe tensor.withUnsafeBytes { try unsafe body($0) }
            }
        }
    }

    /// Copies parameters from `file`, converting the element type. `names` maps each parameter to its tensor.
    ///
    /// All shapes are compared before anything is written; throws `tensorMismatch` naming the first that differs.
    func read(_ names: [String: String], from file: SafetensorsFile) throws {
        let chosen = entries.compactMap { entry in names[entry.name].map { (entry: entry, tensor: $0) } }
        for (entry, tensor) in chosen {
            let shape = file.entry(tensor)?.shape ?? []
            guard shape == entry.shape.dimensions else {
                throw ModelsError(
                    .tensorMismatch, source: file.path,
                    "tensor '\(tensor)': expected shape \(entry.shape.dimensions), got \(shape)")
            }
        }
        for (entry, tensor) in chosen {
            let parameter = self[entry.name]
            try unsafe parameter.withUnsafeMutableBytes { bytes in
                if parameter.dtype == .float64 {
                    try unsafe file.copy(tensor, into: bytes.bindMemory(to: Double.self))
                } else {
                    try unsafe file.copy(tensor, into: bytes.bindMemory(to: Float.self))
                }
            }
        }
        refreshWeights()
    }
}
