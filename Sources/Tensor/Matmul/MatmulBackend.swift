/// A library that multiplies matrices, on the calling thread alone.
///
/// Implementations never start threads: `Matmul` splits the output into blocks and calls from the compute pool, so calls
/// arrive from several threads at once. Matrices are row-major; `lda`, `ldb` and `ldc` are the distances between rows in
/// elements. The same arguments give the same bits.
package protocol MatmulBackend: Sendable {
    /// The library, its version and what it chose for this CPU, for reports.
    var description: String { get }

    /// C = alpha op(A) op(B), plus C when `accumulate`.
    ///
    /// op(A) is m x k and op(B) is k x n; a transposed A is stored k x m, a transposed B n x k. C is m x n and must not
    /// overlap A or B. With `accumulate` false C is only written, never read. m, n or k may be 0: an empty sum is 0.
    func gemm(
        m: Int, n: Int, k: Int, alpha: Float,
        a: UnsafePointer<Float>, lda: Int, transposeA: Bool,
        b: UnsafePointer<Float>, ldb: Int, transposeB: Bool,
        c: UnsafeMutablePointer<Float>, ldc: Int, accumulate: Bool)
}

extension MatmulBackend {
    /// Handles the products without arithmetic; returns whether nothing is left to do.
    func finishEmptyProduct(
        m: Int, n: Int, k: Int, c: UnsafeMutablePointer<Float>, ldc: Int, accumulate: Bool
    ) -> Bool {
        precondition(m >= 0 && n >= 0 && k >= 0, "matmul of negative size \(m) x \(n) x \(k)")
        if m == 0 || n == 0 { return true }
        if k > 0 { return false }
        if !accumulate {
            for row in 0..<m { unsafe (c + row * ldc).update(repeating: 0, count: n) }
        }
        return true
    }
}
