internal import CKernels

/// Kernels over plain memory, for rooms whose data is not in tensors.
package enum RawKernels {
    /// Adds the floats that `bytes` hold, at any alignment, to `target` of the same count, which does not overlap them.
    /// Runs on the calling thread.
    package static func add(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>) {
        require(bytes.count == target.count * 4, "\(bytes.count) bytes for \(target.count) floats")
        guard let destination = target.baseAddress, let source = bytes.baseAddress else { return }
        guard Int(bitPattern: source) % MemoryLayout<Float>.alignment == 0 else {
            // Small messages lie wherever a library's receive buffer had room.
            for index in 0..<target.count {
                unsafe destination[index] += source.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
            }
            return
        }
        unsafe tk_axpy(1, source.assumingMemoryBound(to: Float.self), destination, target.count)
    }
}
