import CKernels

/// Which instruction set the C kernels use.
package struct KernelVariant: Sendable {
    /// `default` (SSE2), `avx2`, `avx512` or `avx512bf16`.
    package let name: String

    /// The variant in use in this process.
    package static var current: KernelVariant {
        KernelVariant(name: unsafe String(cString: troupe_kernels_name(troupe_kernels_variant())))
    }
}
