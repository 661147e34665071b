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

    /// One product per index of two nested loops, as in attention: the operands of (i, j) start `i * outer + j * inner`
    /// elements after the operand's first element. Parallel over the products. Blocking.
    package func batched(
        outer: Int, inner: Int, m: Int, n: Int, k: Int, alpha: Float = 1,
        a: BatchedOperand<UnsafePointer<Float>>, b: BatchedOperand<UnsafePointer<Float>>,
        c: BatchedOperand<UnsafeMutablePointer<Float>>, accumulate: Bool = false
    ) {
        pool.run(blocks: outer * inner) { block in
            let (i, j) = (block / inner, block % inner)
            unsafe backend.gemm(
                m: m, n: n, k: k, alpha: alpha,
                a: a.start + a.offset(i, j), lda: a.rowStride, transposeA: a.transposed,
                b: b.start + b.offset(i, j), ldb: b.rowStride, transposeB: b.transposed,
                c: c.start + c.offset(i, j), ldc: c.rowStride, accumulate: accumulate)
        }
    }
}

/// One matrix per index of two nested loops, at regular distances (in elements). Strides of 0 share a matrix.
@unsafe package struct BatchedOperand<Pointer> {
    package let start: Pointer
    package let rowStride: Int
    package let transposed: Bool
    package let outerStride: Int
    package let innerStride: Int

    package init(_ start: Pointer, rowStride: Int, transposed: Bool = false, outerStride: Int, innerStride: Int) {
        unsafe self.start = start
        unsafe self.rowStride = rowStride
        unsafe self.transposed = transposed
        unsafe self.outerStride = outerStride
        unsafe self.innerStride = innerStride
    }

    func offset(_ outer: Int, _ inner: Int) -> Int {
        unsafe outer * outerStride + inner * innerStride
    }
}
