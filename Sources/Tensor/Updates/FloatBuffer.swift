internal import CKernels

/// Arithmetic on raw float32 memory, for collectives that reduce what arrives from the network.
package enum FloatBuffer {
    /// `target[i] += source[i]` on the calling thread. The two must be equally long and either the same or disjoint.
    @unsafe package static func add(
        _ source: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>
    ) {
        require(source.count == target.count, "cannot add \(source.count) floats to \(target.count)")
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        unsafe tk_add(to, from, to, source.count)
    }
}
