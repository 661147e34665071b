package import Tensor

extension SHA256Digest {
    /// Adds one tensor: its name, its shape and its raw bytes.
    mutating func update(tensor name: String, shape: [Int], bytes: UnsafeRawBufferPointer) {
        update(text: name)
        update(integer: UInt64(shape.count))
        for dimension in shape { update(integer: UInt64(dimension)) }
        unsafe update(bytes: bytes)
    }
}

/// SHA-256, in hexadecimal, of the names, shapes and raw bytes of all parameters, by name; of `values` in the arena's
/// layout, if given, instead of its own.
package func weightsDigest(_ arena: ParameterArena, values: Tensor? = nil) -> String {
    digest([("", values ?? arena.values)], of: arena)
}

/// SHA-256, in hexadecimal, of the names, shapes and raw bytes of all optimizer states, by name.
package func optimizerDigest(_ optimizer: any Optimizer) -> String {
    digest(optimizer.states.map { ($0.name + ".", $0.values) }, of: optimizer.arena)
}

/// The digest of flat tensors that have the layout of `arena`, each named by its prefix and the parameter.
private func digest(_ parts: [(prefix: String, values: Tensor)], of arena: ParameterArena) -> String {
    var digest = SHA256Digest()
    let tensors = parts.flatMap { part in
        zip(arena.entries, arena.ranges).map { (part.prefix + $0.name, part.values, $0.shape.dimensions, $1) }
    }
    for (name, values, shape, range) in tensors.sorted(by: { $0.0 < $1.0 }) {
        unsafe values.withUnsafeBytes { bytes in
            let size = values.dtype.byteSize
            let slice = unsafe bytes[range.lowerBound * size..<range.upperBound * size]
            unsafe digest.update(tensor: name, shape: shape, bytes: UnsafeRawBufferPointer(rebasing: slice))
        }
    }
    return digest.finalize()
}
