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

    /// Copies parameters from `source`, converting the element type. `names` maps each parameter to its tensor.
    ///
    /// All shapes are compared before anything is written; throws `tensorMismatch` naming those that differ.
    func read(_ names: [String: String], from source: any StateDictSource) throws(ModelsError) {
        try source.requireShapes(of: entries, names)
        for entry in entries {
            guard let tensor = names[entry.name] else { continue }
            let parameter = self[entry.name]
            let failure: ModelsError? = unsafe parameter.withUnsafeMutableBytes { bytes in
                do throws(ModelsError) {
                    if parameter.dtype == .float64 {
                        try unsafe source.copy(tensor, into: bytes.bindMemory(to: Double.self))
                    } else {
                        try unsafe source.copy(tensor, into: bytes.bindMemory(to: Float.self))
                    }
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
        }
        refreshWeights()
    }
}

extension StateDictSource {
    /// Throws `tensorMismatch` naming every tensor whose shape is not that of its parameter. `names` maps parameters to
    /// tensors.
    func requireShapes(of entries: [ParameterEntry], _ names: [String: String]) throws(ModelsError) {
        let mismatches = entries.compactMap { entry -> String? in
            guard let name = names[entry.name] else { return nil }
            let shape = tensor(name)?.shape ?? []
            guard shape != entry.shape.dimensions else { return nil }
            return "tensor '\(name)': expected shape \(entry.shape.dimensions), got \(shape)"
        }
        guard mismatches.isEmpty else {
            let more = mismatches.count > 8 ? "; and \(mismatches.count - 8) more" : ""
            throw ModelsError(
                .tensorMismatch, source: path, mismatches.prefix(8).joined(separator: "; ") + more)
        }
    }
}
