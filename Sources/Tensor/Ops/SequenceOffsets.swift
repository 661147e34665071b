/// Where each sequence of a packed batch lies: the tokens of all sequences follow each other without padding, as rows
/// `starts[i] ..< starts[i] + lengths[i]`.
package struct SequenceOffsets: Sendable, Hashable {
    /// Tokens of each sequence.
    package let lengths: [Int]
    /// The first row of each sequence.
    package let starts: [Int]
    /// Rows of all sequences together.
    package let tokenCount: Int

    /// Sequences of these lengths, none negative, in order.
    package init(lengths: [Int]) {
        var starts: [Int] = []
        starts.reserveCapacity(lengths.count)
        var end = 0
        for length in lengths {
            require(length >= 0, "a sequence cannot have \(length) tokens")
            starts.append(end)
            end += length
        }
        self.lengths = lengths
        self.starts = starts
        tokenCount = end
    }

    /// Number of sequences.
    package var count: Int { lengths.count }

    /// Tokens of the longest sequence; 0 when there is none.
    package var longest: Int { lengths.max() ?? 0 }
}
