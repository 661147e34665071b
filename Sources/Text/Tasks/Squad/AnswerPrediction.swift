internal import Glibc

/// What a model says of one window: for each position how likely the answer starts there, and how likely it ends there.
package struct SpanScores: Sendable, Hashable {
    /// A logit or log-probability per position of the window; scores past its end are padding.
    package var start: [Float]
    /// The same for ends.
    package var end: [Float]

    /// Scores of one window.
    package init(start: [Float], end: [Float]) {
        self.start = start
        self.end = end
    }
}

/// One answer that a model takes for possible.
package struct AnswerCandidate: Sendable, Hashable {
    /// The text; empty for "no answer".
    package var text: String
    /// Where it is in the passage, in Unicode scalars; nil if it is not a place there.
    package var range: Range<Int>?
    /// Its share among the candidates of the question.
    package var probability: Double
    /// The score of its first token.
    package var startScore: Double
    /// The score of its last token.
    package var endScore: Double

    /// A candidate with these parts.
    package init(
        text: String, range: Range<Int>? = nil, probability: Double, startScore: Double, endScore: Double
    ) {
        self.text = text
        self.range = range
        self.probability = probability
        self.startScore = startScore
        self.endScore = endScore
    }

    /// The score of the whole.
    var total: Double { startScore + endScore }
}

/// The answer to one question and what else came into question.
package struct AnswerPrediction: Sendable, Hashable {
    /// The question's id.
    package var id: String
    /// The answer; empty if the passage has none.
    package var text: String
    /// The candidates, best first.
    package var candidates: [AnswerCandidate]
    /// How much more likely than the best candidate it is that there is no answer; nil if that was not asked.
    package var nullOdds: Double?

    /// A prediction with these parts.
    package init(id: String, text: String, candidates: [AnswerCandidate], nullOdds: Double? = nil) {
        self.id = id
        self.text = text
        self.candidates = candidates
        self.nullOdds = nullOdds
    }

    /// The candidate that is the answer, if it is one of the passage.
    package var answer: AnswerCandidate? {
        candidates.first { $0.range != nil && $0.text.utf8.elementsEqual(text.utf8) }
    }
}

/// How answers are chosen.
package struct AnswerSettings: Sendable, Hashable {
    /// Best starts and best ends of a window that are combined, and candidates kept per question.
    package var candidates = 20
    /// Tokens of an answer at most.
    package var maximumTokens = 30
    /// Whether questions may have no answer (version 2.0).
    package var allowsNoAnswer = false
    /// With `allowsNoAnswer`: the answer is empty if "no answer" beats the best candidate by more than this.
    package var nullThreshold = 0.0

    /// The settings of the published programs for version 1.1.
    package init() {}

    /// Checks the ranges; throws `invalidParameter`.
    func validate() throws(TextError) {
        guard candidates > 0 else {
            throw TextError(.invalidParameter, "at least 1 candidate must be kept per question, got \(candidates)")
        }
        guard maximumTokens > 0 else {
            throw TextError(.invalidParameter, "answers have at least 1 token at most, got \(maximumTokens)")
        }
    }
}

// MARK: - What all ways of decoding share

/// A span of a window that may be the answer.
struct SpanCandidate {
    let window: QuestionWindow
    /// Its first and last position in the window.
    let positions: ClosedRange<Int>
    let startScore: Double
    let endScore: Double

    /// The passage's tokens.
    var tokens: ClosedRange<Int> {
        window.token(at: positions.lowerBound)...window.token(at: positions.upperBound)
    }
}

extension QuestionWindow {
    /// Whether an answer may span these positions: inside the passage, short enough, and starting where this window
    /// has most context.
    func allowsAnswer(from start: Int, to end: Int, maximumTokens: Int) -> Bool {
        passagePositions.contains(start) && passagePositions.contains(end) && start <= end
            && end - start < maximumTokens && hasMaximumContext[start - passagePositions.lowerBound]
    }

    /// The spans that the best starts and ends make, in the order of starts, then of ends.
    func spans(_ scores: SpanScores, _ settings: AnswerSettings) throws(TextError) -> [SpanCandidate] {
        guard scores.start.count >= ids.count, scores.end.count >= ids.count else {
            throw TextError(
                .invalidParameter,
                "window \(uniqueID): expected scores for \(ids.count) positions, got \(scores.start.count) starts and "
                    + "\(scores.end.count) ends")
        }
        let ends = Self.best(scores.end, settings.candidates)
        return Self.best(scores.start, settings.candidates).flatMap { start in
            ends.filter { allowsAnswer(from: start, to: $0, maximumTokens: settings.maximumTokens) }.map { end in
                SpanCandidate(
                    window: self, positions: start...end, startScore: Double(scores.start[start]),
                    endScore: Double(scores.end[end]))
            }
        }
    }

    /// The indexes of the best scores, best first, the first of equals first. What is no number is never best.
    private static func best(_ scores: [Float], _ count: Int) -> [Int] {
        let order = scores.indices.filter { scores[$0].isFinite }.sorted {
            (scores[$1], $0) < (scores[$0], $1)
        }
        return Array(order.prefix(count))
    }
}

extension [AnswerCandidate] {
    /// Fills in the probabilities: the softmax of the scores.
    mutating func normalize() {
        let scores = map(\.total)
        let largest = scores.max() ?? 0
        let weights = scores.map { exp($0 - largest) }
        let sum = weights.reduce(0, +)
        for index in indices { self[index].probability = weights[index] / sum }
    }
}

/// The indexes of `count` things by `score`, best first, the first of equals first.
func ranked(_ count: Int, by score: (Int) -> Double) -> [Int] {
    let scores = (0..<count).map(score)
    return scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
}
