/// The layout of multi-head self-attention over packed sequences: operands are [T, 3·heads·width], in each row the
/// queries of all heads, then the keys, then the values; results are [T, heads·width].
///
/// The probabilities of a sequence of L tokens are `heads` squares [L, L] of queries by keys; squares follow each other
/// by sequence, then by head. Only twins hold them all at once.
package struct AttentionLayout: Sendable {
    let sequences: SequenceOffsets
    let heads: Int
    /// Columns per head.
    let width: Int
    /// The first probability of each sequence, and of the one after the last.
    let probabilityStarts: [Int]

    package init(sequences: SequenceOffsets, heads: Int, width: Int) {
        self.sequences = sequences
        self.heads = heads
        self.width = width
        probabilityStarts = sequences.lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + heads * $1 * $1) }
    }

    /// Elements of a row of the result.
    var resultWidth: Int { heads * width }
    /// Elements of a row of the operands.
    var operandWidth: Int { 3 * resultWidth }
    /// Number of squares: one item of work each.
    var itemCount: Int { sequences.count * heads }
    /// 1/√d.
    var scale: Double { 1 / Double(width).squareRoot() }

    /// One square: its head, the first row and length of its sequence, and its first probability.
    struct Item {
        let head: Int
        let firstRow: Int
        let length: Int
        let firstProbability: Int
    }

    /// Square number `index`.
    func item(_ index: Int) -> Item {
        let (sequence, head) = (index / heads, index % heads)
        let length = sequences.lengths[sequence]
        return Item(
            head: head, firstRow: sequences.starts[sequence], length: length,
            firstProbability: probabilityStarts[sequence] + head * length * length)
    }

    /// Index of a query (part 0), key (1) or value (2) element into the operand.
    func operand(part: Int, row: Int, head: Int, column: Int) -> Int {
        row * operandWidth + part * resultWidth + head * width + column
    }

    /// Index into the result.
    func result(row: Int, head: Int, column: Int) -> Int { row * resultWidth + head * width + column }
}
