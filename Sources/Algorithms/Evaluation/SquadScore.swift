package import Text

/// What the official scorers of SQuAD say of a set of answers, in per cent.
package struct SquadScore: Sendable, Equatable {
    /// Exact matches and F1 of some of the questions.
    package struct Part: Sendable, Equatable {
        /// Per cent of the answers that match exactly.
        package var exact: Double
        /// Mean F1 in per cent.
        package var f1: Double
        /// Questions.
        package var total: Int
    }

    /// The best score that any threshold on the null odds would give.
    package struct Best: Sendable, Equatable {
        /// The score in per cent.
        package var value: Double
        /// Above these odds a question is left unanswered; 0 if answering nothing is best.
        package var threshold: Double
    }

    /// All questions.
    package var all: Part
    /// Version 2.0: the questions that have an answer; nil if none has.
    package var hasAnswer: Part?
    /// Version 2.0: the questions that have none; nil if all have one.
    package var noAnswer: Part?
    /// With null odds: the best share of exact matches.
    package var bestExact: Best?
    /// With null odds: the best mean F1.
    package var bestF1: Best?
    /// Version 1.1: questions without a prediction, which score 0.
    package var unanswered = 0
    /// Whether these are scores of version 2.0.
    package var isVersion2: Bool

    /// Keys and values in the order and under the names of the official scorers.
    package var pairs: [(key: String, value: Double)] {
        guard isVersion2 else { return [("exact_match", all.exact), ("f1", all.f1)] }
        var pairs = Self.pairs(all, prefix: "")
        if let hasAnswer { pairs += Self.pairs(hasAnswer, prefix: "HasAns_") }
        if let noAnswer { pairs += Self.pairs(noAnswer, prefix: "NoAns_") }
        if let bestExact { pairs += [("best_exact", bestExact.value), ("best_exact_thresh", bestExact.threshold)] }
        if let bestF1 { pairs += [("best_f1", bestF1.value), ("best_f1_thresh", bestF1.threshold)] }
        return pairs
    }

    private static func pairs(_ part: Part, prefix: String) -> [(key: String, value: Double)] {
        [("\(prefix)exact", part.exact), ("\(prefix)f1", part.f1), ("\(prefix)total", Double(part.total))]
    }
}

// MARK: - Version 1.1

extension SquadScore {
    /// The scores of the official program for version 1.1. A question without a prediction scores 0.
    ///
    /// - Parameter predictions: texts by the question's id.
    /// - Throws: `noData` if there is no question, or one has no answer to compare with.
    package static func version1(
        _ examples: [QuestionExample], predictions: [String: String]
    ) throws(AlgorithmsError) -> SquadScore {
        guard !examples.isEmpty else { throw AlgorithmsError(.noData, "SQuAD: expected questions to score, got none") }
        var (exact, f1, unanswered) = (0, 0.0, 0)
        for example in examples {
            guard !example.answers.isEmpty else {
                throw AlgorithmsError(
                    .noData, subject: "question \(example.id)",
                    "expected at least one answer to compare with, got none; version 2.0 scores such questions")
            }
            guard let prediction = predictions[example.id].map(SquadText.init) else {
                unanswered += 1
                continue
            }
            let golds = example.answers.map { SquadText($0.text) }
            if golds.contains(where: { prediction.matches($0) }) { exact += 1 }
            f1 += golds.map { prediction.f1($0, version2: false) }.max() ?? 0
        }
        let total = Double(examples.count)
        return SquadScore(
            all: Part(exact: 100 * Double(exact) / total, f1: 100 * f1 / total, total: examples.count),
            unanswered: unanswered, isVersion2: false)
    }
}
