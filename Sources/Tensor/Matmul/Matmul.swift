/// Matrix products over the compute pool.
///
/// MATMUL-1: the output is cut into tiles that depend on the product alone, each tile is one single-threaded product
/// over the whole summed dimension; so bits do not depend on the number of threads.
package struct Matmul: Sendable {
    /// Products with fewer rows are made from B as it is: too few tiles would share what packing costs.
    private static let leastRowsForPacking = 512

    /// Makes each tile.
    package let backend: any MatmulBackend
    /// Shares the tiles out.
    package let pool: ComputePool
    private let memory: MemoryPool

    package init(backend: any MatmulBackend, pool: ComputePool, memory: MemoryPool = MemoryPool()) {
        self.backend = backend
        self.pool = pool
        self.memory = memory
    }

    /// Makes `product`; arguments as in `MatmulBackend.multiply`, B not packed. Blocking.
    ///
    /// - Parameter finish: called on each tile of C, by the thread that made it, while the tile is in its cache.
    package func multiply(
        _ product: MatrixProduct, a: UnsafeRawPointer, b: UnsafeRawPointer, bias: UnsafePointer<Float>? = nil,
        c: UnsafeMutableRawPointer, finish: ((_ rows: Range<Int>, _ columns: Range<Int>) -> Void)? = nil
    ) {
        if product.m >= Self.leastRowsForPacking, product.n > 0, product.k > 0,
            let panels = backend.panels(for: product)
        {
            return unsafe multiplyPacked(product, panels, a: a, b: b, bias: bias, c: c, finish: finish)
        }
        let tiles = MatmulTiles(m: product.m, n: product.n)
        pool.run(blocks: tiles.count) { tile in
            let (rows, columns) = tiles[tile]
            unsafe multiplyTile(product, rows, columns, a: a, b: b, bias: bias, c: c)
            finish?(rows, columns)
        }
    }

    /// Packs B once, for all tiles.
    private func multiplyPacked(
        _ product: MatrixProduct, _ panels: MatrixPanels, a: UnsafeRawPointer, b: UnsafeRawPointer,
        bias: UnsafePointer<Float>?, c: UnsafeMutableRawPointer,
        finish: ((_ rows: Range<Int>, _ columns: Range<Int>) -> Void)?
    ) {
        let panelCount = (product.n + panels.width - 1) / panels.width
        let storage = TensorStorage(byteCount: panelCount * panels.byteCount, pool: memory)
        let packed = unsafe storage.address
        let operandSize = product.operandType.byteSize
        pool.run(blocks: panelCount) { panel in
            let columns = panel * panels.width..<min((panel + 1) * panels.width, product.n)
            let part = product.tile(rows: 0..<product.m, columns: columns)
            unsafe backend.pack(part.product, b: b + part.b * operandSize, into: packed + panel * panels.byteCount)
        }
        var packedProduct = product
        (packedProduct.hasPackedB, packedProduct.ldb, packedProduct.transposesB) = (true, 0, false)
        let tiles = MatmulTiles(packedRows: product.m, n: product.n)
        pool.run(blocks: tiles.count) { tile in
            let (rows, columns) = tiles[tile]
            unsafe multiplyTile(packedProduct, rows, columns, a: a, b: packed, bias: bias, c: c)
            finish?(rows, columns)
        }
        withExtendedLifetime(storage) {}
    }

    /// One tile of C, on the calling thread.
    private func multiplyTile(
        _ product: MatrixProduct, _ rows: Range<Int>, _ columns: Range<Int>, a: UnsafeRawPointer,
        b: UnsafeRawPointer, bias: UnsafePointer<Float>?, c: UnsafeMutableRawPointer
    ) {
        let (operandSize, resultSize) = (product.operandType.byteSize, product.resultType.byteSize)
        let part = product.tile(rows: rows, columns: columns)
        let tileBias = unsafe bias.map { unsafe $0 + part.bias }
        unsafe backend.multiply(
            part.product, a: a + part.a * operandSize, b: product.hasPackedB ? b : b + part.b * operandSize,
            bias: tileBias, c: c + part.c * resultSize)
    }
}
