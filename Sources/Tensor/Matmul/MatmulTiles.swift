/// The fixed cut of an m x n output into tiles (MATMUL-1).
///
/// Rows are cut into equal parts of about 256, columns into equal parts of at most 384, so that what a tile reads of B
/// stays in a core's second cache for all its rows; columns are cut further where that gives fewer than sixteen tiles, so
/// that a few threads have even shares. Parts are multiples of 64 rows and columns, for which libraries have their best kernels,
/// except the last ones and those of few rows.
package struct MatmulTiles: Sendable {
    private static let mostColumns = 384

    private let m: Int
    private let n: Int
    private let rowStep: Int
    private let columnStep: Int
    private let columnParts: Int
    /// The number of tiles; 0 when the output is empty.
    package let count: Int

    package init(m: Int, n: Int) {
        self.m = m
        self.n = n
        rowStep = Self.step(length: m, parts: max((m + 127) / 256, 1), multiple: m > 256 ? 64 : 16)
        let rowParts = Self.parts(length: m, step: rowStep)
        let wanted = (16 + rowParts - 1) / max(rowParts, 1)
        let needed = (n + Self.mostColumns - 1) / Self.mostColumns
        columnStep = Self.step(length: n, parts: max(needed, min(wanted, (n + 127) / 128)), multiple: 64)
        columnParts = Self.parts(length: n, step: columnStep)
        count = rowParts * columnParts
    }

    /// The cut for products whose B is packed, which costs nothing extra for tiles of few rows: about 64 whole rows of
    /// C, in equal parts whose number is a multiple of four.
    package init(packedRows m: Int, n: Int) {
        self.m = m
        self.n = n
        let parts = max((m + 255) / 256 * 4, 1)
        rowStep = max((m + parts - 1) / parts, 1)
        columnStep = max(n, 1)
        columnParts = 1
        count = Self.parts(length: m, step: rowStep)
    }

    /// The rows and columns of one tile.
    package subscript(tile: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let row = tile / columnParts * rowStep
        let column = tile % columnParts * columnStep
        return (row..<min(row + rowStep, m), column..<min(column + columnStep, n))
    }

    private static func step(length: Int, parts: Int, multiple: Int) -> Int {
        guard length > 0 else { return multiple }
        let even = (length + parts - 1) / parts
        return (even + multiple - 1) / multiple * multiple
    }

    private static func parts(length: Int, step: Int) -> Int {
        (length + step - 1) / step
    }
}
