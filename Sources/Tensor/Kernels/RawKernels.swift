internal import CKernels

/// Kernels over plain memory, for rooms whose data is not in tensors.
package enum RawKernels {
    /// Adds `count` floats of `source` to those of `destination`; the two do not overlap. Runs on the calling thread.
    package static func addInPlace(
        _ destination: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, count: Int
    ) {
        unsafe tk_axpy(1, source, destination, count)
    }
}
