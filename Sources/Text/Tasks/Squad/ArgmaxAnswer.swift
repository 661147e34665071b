/// The answer that the best start and the best end of one window make, each taken alone, with no rule against the
/// question or an end before its start: what short examples of question answering print.
package struct ArgmaxAnswer: Sendable, Hashable {
    /// The position of the best start.
    package let start: Int
    /// The position of the best end.
    package let end: Int
    /// The score of the start.
    package let startScore: Float
    /// The score of the end.
    package let endScore: Float
    /// How the vocabulary spells the tokens from start to end; none if the end comes first.
    package let pieces: [String]
    /// Where the tokens are in the passage, in Unicode scalars; nil unless all of them are of it.
    package let range: Range<Int>?

    /// The pieces with spaces between them, as in `co ##vid - 19`.
    package var spelling: String { pieces.joined(separator: " ") }
    /// The pieces put together into words, as in `covid - 19`.
    package var joined: String { WordPieces.joined(pieces) }
}

extension QuestionWindow {
    /// The answer of the best start and the best end; the first of equals.
    ///
    /// - Throws: `invalidParameter` if there are not as many scores as tokens.
    package func argmaxAnswer(_ scores: SpanScores, tokenizer: any Tokenizer) throws(TextError) -> ArgmaxAnswer {
        guard scores.start.count == ids.count, scores.end.count == ids.count else {
            throw TextError(
                .invalidParameter,
                "expected scores for \(ids.count) positions, got \(scores.start.count) starts and \(scores.end.count) ends"
            )
        }
        let start = Self.argmax(scores.start)
        let end = Self.argmax(scores.end)
        var range: Range<Int>?
        if start <= end, passagePositions.contains(start), passagePositions.contains(end) {
            range = passage.range(ofTokens: token(at: start)...token(at: end))
        }
        return ArgmaxAnswer(
            start: start, end: end, startScore: scores.start[start], endScore: scores.end[end],
            pieces: start <= end ? ids[start...end].map { tokenizer.piece($0) } : [], range: range)
    }

    private static func argmax(_ scores: [Float]) -> Int {
        scores.indices.dropFirst().reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
    }
}
