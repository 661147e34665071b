import Tensor

/// The sum of a received segment into a buffer.
enum SegmentSum {
    /// Adds the floats that `bytes` hold, at any alignment, to `target` of the same count.
    static func add(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>) {
        precondition(bytes.count == target.count * 4, "\(bytes.count) bytes for \(target.count) floats")
        guard let destination = target.baseAddress, let source = bytes.baseAddress else { return }
        guard Int(bitPattern: source) % MemoryLayout<Float>.alignment == 0 else {
            // Small messages lie wherever the library's receive buffer had room.
            for index in 0..<target.count {
                unsafe destination[index] += source.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
            }
            return
        }
        unsafe RawKernels.addInPlace(
            destination, source.assumingMemoryBound(to: Float.self), count: target.count)
    }
}
