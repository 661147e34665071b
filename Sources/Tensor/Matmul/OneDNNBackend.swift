internal import CLinux
internal import COneDNN

/// oneDNN's JIT-compiled kernels, the default.
///
/// The library runs its loops on an OpenMP team unless the calling thread's team size is 1. That size belongs to each
/// thread, so it is set before every call (a store to thread-local memory): no team is ever created.
package struct OneDNNBackend: MatmulBackend {
    private typealias SetTeamSize = @convention(c) (Int32) -> Void
    private let setTeamSize: SetTeamSize?

    package init() {
        // oneDNN brings its OpenMP runtime along; a build without OpenMP has no such function and needs none.
        let symbol = unsafe troupe_find_symbol("omp_set_num_threads")
        setTeamSize = unsafe symbol.map { unsafe unsafeBitCast($0, to: SetTeamSize.self) }
    }

    package var description: String {
        guard let version = unsafe dnnl_version() else { return "oneDNN" }
        return unsafe "oneDNN \(version.pointee.major).\(version.pointee.minor).\(version.pointee.patch), "
            + "instruction set mask 0x\(String(dnnl_get_effective_cpu_isa().rawValue, radix: 16))"
    }

    package func gemm(
        m: Int, n: Int, k: Int, alpha: Float,
        a: UnsafePointer<Float>, lda: Int, transposeA: Bool,
        b: UnsafePointer<Float>, ldb: Int, transposeB: Bool,
        c: UnsafeMutablePointer<Float>, ldc: Int, accumulate: Bool
    ) {
        if unsafe finishEmptyProduct(m: m, n: n, k: k, c: c, ldc: ldc, accumulate: accumulate) { return }
        setTeamSize?(1)
        let yes = CChar(UInt8(ascii: "T"))
        let no = CChar(UInt8(ascii: "N"))
        let status = unsafe dnnl_sgemm(
            transposeA ? yes : no, transposeB ? yes : no, dnnl_dim_t(m), dnnl_dim_t(n), dnnl_dim_t(k), alpha,
            a, dnnl_dim_t(lda), b, dnnl_dim_t(ldb), accumulate ? 1 : 0, c, dnnl_dim_t(ldc))
        precondition(
            status == dnnl_success,
            "oneDNN sgemm \(m) x \(n) x \(k) (row distances \(lda), \(ldb), \(ldc)) failed: status \(status.rawValue)")
    }
}
