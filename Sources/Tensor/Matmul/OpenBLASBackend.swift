internal import COpenBLAS

/// OpenBLAS, for machines where oneDNN does worse and as a second opinion in tests.
@safe package struct OpenBLASBackend: MatmulBackend {
    /// The build configuration with its version, and the kernels in use.
    package let description: String
    private let sgemm: troupe_sgemm

    /// Opens the library, limited to the calling thread. Call it before threads that read the environment start: see
    /// `troupe_openblas_load`.
    ///
    /// - Throws: `MatmulError` when the library is missing or unusable.
    package init() throws(MatmulError) {
        var reason: UnsafePointer<CChar>?
        guard let library = unsafe troupe_openblas_load(&reason)?.pointee, let sgemm = unsafe library.sgemm else {
            throw MatmulError(
                code: .libraryUnavailable,
                message: unsafe reason.map { unsafe String(cString: $0) } ?? "OpenBLAS lacks cblas_sgemm")
        }
        unsafe self.sgemm = sgemm
        let configuration = unsafe library.configuration.map { unsafe String(cString: $0) } ?? "OpenBLAS"
        let core = unsafe library.core_name.map { unsafe String(cString: $0) } ?? "unknown"
        description = "\(configuration), kernels for \(core)"
    }

    package func gemm(
        m: Int, n: Int, k: Int, alpha: Float,
        a: UnsafePointer<Float>, lda: Int, transposeA: Bool,
        b: UnsafePointer<Float>, ldb: Int, transposeB: Bool,
        c: UnsafeMutablePointer<Float>, ldc: Int, accumulate: Bool
    ) {
        if unsafe finishEmptyProduct(m: m, n: n, k: k, c: c, ldc: ldc, accumulate: accumulate) { return }
        let (rowMajor, no, yes): (Int32, Int32, Int32) = (101, 111, 112)
        unsafe sgemm(
            rowMajor, transposeA ? yes : no, transposeB ? yes : no, Int32(m), Int32(n), Int32(k), alpha,
            a, Int32(lda), b, Int32(ldb), accumulate ? 1 : 0, c, Int32(ldc))
    }
}
