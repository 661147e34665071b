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

    /// Makes `product`; arguments as in `MatmulBackend.multiply`. Blocking.
    ///
    /// - Parameter finish: called on each tile of C, by the thread that made it, while the tile is in its cache.
    package func multiply(
        _ product: MatrixProduct, a: UnsafeRawPointer, b: UnsafeRawPointer, bias: UnsafePointer<Float>? = nil,
        c: UnsafeMutableRawPointer, finish: ((_ rows: Range<Int>, _ columns: Range<Int>) -> Void)? = nil
    ) {
        let tiles = MatmulTiles(m: product.m, n: product.n)
        let (operandSize, resultSize) = (product.operandType.byteSize, product.resultType.byteSize)
        pool.run(blocks: tiles.count) { tile in
            let (rows, columns) = tiles[tile]
            let part = product.tile(rows: rows, columns: columns)
            let tileBias = unsafe bias.map { unsafe $0 + part.bias }
            unsafe backend.multiply(
                part.product, a: a + part.a * operandSize, b: b + part.b * operandSize, bias: tileBias,
                c: c + part.c * resultSize)
            finish?(rows, columns)
        }
    }
}
