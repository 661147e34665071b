/// Matrix products over the compute pool.
///
/// MATMUL-1: the output is cut into tiles that depend on the shape alone, each tile is one single-threaded product over
/// the whole summed dimension; so bits do not depend on the number of threads.
package struct Matmul: Sendable {
    package let backend: any MatmulBackend
    package let pool: ComputePool

    package init(backend: any MatmulBackend, pool: ComputePool) {
        self.backend = backend
        self.pool = pool
    }

    /// C = alpha op(A) op(B), plus C when `accumulate`; arguments as in `MatmulBackend.gemm`. Blocking.
    package func product(
        m: Int, n: Int, k: Int, alpha: Float = 1,
        a: UnsafePointer<Float>, lda: Int, transposeA: Bool = false,
        b: UnsafePointer<Float>, ldb: Int, transposeB: Bool = false,
        c: UnsafeMutablePointer<Float>, ldc: Int, accumulate: Bool = false
    ) {
        let tiles = MatmulTiles(m: m, n: n)
        pool.run(blocks: tiles.count) { block in
            let (rows, columns) = tiles[block]
            unsafe backend.gemm(
                m: rows.count, n: columns.count, k: k, alpha: alpha,
                a: a + (transposeA ? rows.lowerBound : rows.lowerBound * lda), lda: lda, transposeA: transposeA,
                b: b + (transposeB ? columns.lowerBound * ldb : columns.lowerBound), ldb: ldb, transposeB: transposeB,
                c: c + rows.lowerBound * ldc + columns.lowerBound, ldc: ldc, accumulate: accumulate)
        }
    }
}
