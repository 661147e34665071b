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

    package func multiply(
        _ product: MatrixProduct, a: UnsafeRawPointer, b: UnsafeRawPointer, bias: UnsafePointer<Float>?,
        c: UnsafeMutableRawPointer
    ) {
        if unsafe finishEmptyProduct(product, bias: bias, c: c) { return }
        let (rowMajor, no, yes): (Int32, Int32, Int32) = (101, 111, 112)
        unsafe emulate(product, a: a, b: b, bias: bias, c: c) { plain, a, b, c in
            unsafe sgemm(
                rowMajor, plain.transposesA ? yes : no, plain.transposesB ? yes : no, Int32(plain.m), Int32(plain.n),
                Int32(plain.k), 1, a, Int32(plain.lda), b, Int32(plain.ldb), plain.accumulates ? 1 : 0, c,
                Int32(plain.ldc))
        }
    }
}
