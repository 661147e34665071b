/// The sizes, layouts and element types of one matrix product: C = op(A)·op(B), plus C when `accumulates`, plus a bias
/// for each column when `hasBias`.
///
/// Matrices are row-major; `lda`, `ldb` and `ldc` are the distances between rows in elements. op(A) is m x k and op(B)
/// is k x n; a transposed A is stored k x m, a transposed B n x k. Sums are float32 in any case.
package struct MatrixProduct: Sendable, Hashable {
    package var m: Int
    package var n: Int
    package var k: Int
    package var lda: Int
    package var ldb: Int
    package var ldc: Int
    package var transposesA = false
    package var transposesB = false
    package var accumulates = false
    package var hasBias = false
    /// Type of A and B: float32 or bfloat16.
    package var operandType = DType.float32
    /// Type of C: float32 or bfloat16.
    package var resultType = DType.float32
    /// Whether B is in the layout that the backend's `pack` makes.
    package var hasPackedB = false

    /// A product of float32 matrices that overwrites C.
    package init(m: Int, n: Int, k: Int, lda: Int, ldb: Int, ldc: Int) {
        self.m = m
        self.n = n
        self.k = k
        self.lda = lda
        self.ldb = ldb
        self.ldc = ldc
    }

    /// The part of the product that makes the tile `rows` x `columns` of C, over the whole summed dimension, and where
    /// in A, B, the bias and C it begins (elements). `b` is that of a B that is not packed.
    func tile(rows: Range<Int>, columns: Range<Int>) -> (product: MatrixProduct, a: Int, b: Int, bias: Int, c: Int) {
        var part = self
        part.m = rows.count
        part.n = columns.count
        return (
            part, transposesA ? rows.lowerBound : rows.lowerBound * lda,
            transposesB ? columns.lowerBound * ldb : columns.lowerBound, columns.lowerBound,
            rows.lowerBound * ldc + columns.lowerBound
        )
    }
}
