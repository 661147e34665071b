package import Text

/// The scores of one question.
private struct QuestionScore {
    let id: String
    /// Whether the data has an answer for it.
    let hasAnswer: Bool
    /// Whether the prediction is anything but the empty text.
    let isAnswered: Bool
    let exact: Double
    let f1: Double
    /// The odds that it has no answer.
    let nullOdds: Double
}

extension SquadScore {
    /// The official program's threshold on null odds, made for probabilities. ALBERT's program compares raw logits with
    /// it: a question with a higher one counts as left unanswered, whatever its text.
    private static let officialThreshold = 1.0

    /// The scores of the official program for version 2.0.
    ///
    /// - Parameters:
    ///   - predictions: texts by the question's id; empty for "no answer". Every question must have one.
    ///   - nullOdds: by the question's id. With them the best thresholds are looked for, and questions above 1 count as
    ///     left unanswered, as in the original; nil counts as 0 for all.
    /// - Throws: `noData` if there is no question, or one has no prediction or no null odds.
    package static func version2(
        _ examples: [QuestionExample], predictions: [String: String], nullOdds: [String: Double]? = nil
    ) throws(AlgorithmsError) -> SquadScore {
        guard !examples.isEmpty else { throw AlgorithmsError(.noData, "SQuAD: expected questions to score, got none") }
        var questions: [QuestionScore] = []
        questions.reserveCapacity(examples.count)
        for example in examples {
            guard let prediction = predictions[example.id] else {
                throw AlgorithmsError(.noData, subject: "question \(example.id)", "expected a prediction, got none")
            }
            guard let odds = nullOdds == nil ? 0 : nullOdds?[example.id], !odds.isNaN else {
                throw AlgorithmsError(.noData, subject: "question \(example.id)", "expected null odds, got none")
            }
            let text = SquadText(prediction)
            var golds = example.answers.map { SquadText($0.text) }.filter { !$0.isBlank }
            if golds.isEmpty { golds = [SquadText("")] }
            questions.append(
                QuestionScore(
                    id: example.id, hasAnswer: !example.answers.isEmpty, isAnswered: !text.isEmpty,
                    exact: golds.contains { text.matches($0) } ? 1 : 0,
                    f1: golds.map { text.f1($0, version2: true) }.max() ?? 0, nullOdds: odds))
        }
        let answerable = questions.filter(\.hasAnswer)
        let unanswerable = questions.filter { !$0.hasAnswer }
        return SquadScore(
            all: part(questions), hasAnswer: answerable.isEmpty ? nil : part(answerable),
            noAnswer: unanswerable.isEmpty ? nil : part(unanswerable),
            bestExact: nullOdds.map { _ in best(questions, unanswerable.count, \.exact) },
            bestF1: nullOdds.map { _ in best(questions, unanswerable.count, \.f1) }, isVersion2: true)
    }

    /// The means over some questions, those above the threshold scored as left unanswered.
    private static func part(_ questions: [QuestionScore]) -> Part {
        func mean(_ score: KeyPath<QuestionScore, Double>) -> Double {
            let sum = questions.reduce(0) { sum, question in
                let isLeft = question.nullOdds > officialThreshold
                return sum + (isLeft ? (question.hasAnswer ? 0 : 1) : question[keyPath: score])
            }
            return 100 * sum / Double(questions.count)
        }
        return Part(exact: mean(\.exact), f1: mean(\.f1), total: questions.count)
    }

    /// Answers questions from the least null odds on, and keeps the sum that was highest: an answerable question adds
    /// its score, an unanswerable one costs 1 if it was answered.
    private static func best(
        _ questions: [QuestionScore], _ unanswerable: Int, _ score: KeyPath<QuestionScore, Double>
    ) -> Best {
        var sum = Double(unanswerable)
        var best = Best(value: sum, threshold: 0)
        let order = questions.indices.sorted { (questions[$0].nullOdds, $0) < (questions[$1].nullOdds, $1) }
        for question in order.map({ questions[$0] }) {
            sum += question.hasAnswer ? question[keyPath: score] : question.isAnswered ? -1 : 0
            if sum > best.value { best = Best(value: sum, threshold: question.nullOdds) }
        }
        best.value = 100 * best.value / Double(questions.count)
        return best
    }
}

// MARK: - ALBERT

extension SquadScore {
    /// How ALBERT's program for version 2.0 evaluates: the scores of answering everything give the threshold with the
    /// best F1; questions whose null odds reach it are left unanswered, and those answers are scored.
    ///
    /// - Returns: the answers, their scores and the threshold.
    /// - Throws: as `version2`.
    package static func albertVersion2(
        _ examples: [QuestionExample], _ answers: [AnswerPrediction]
    ) throws(AlgorithmsError) -> (answers: [AnswerPrediction], score: SquadScore, threshold: Double) {
        func score(_ answers: [AnswerPrediction]) throws(AlgorithmsError) -> SquadScore {
            var predictions: [String: String] = [:]
            var odds: [String: Double] = [:]
            for answer in answers { (predictions[answer.id], odds[answer.id]) = (answer.text, answer.nullOdds) }
            return try version2(examples, predictions: predictions, nullOdds: odds)
        }
        let first = try score(answers.map { $0.answeringBelow(.infinity) })
        let threshold = first.bestF1?.threshold ?? 0
        let chosen = answers.map { $0.answeringBelow(threshold) }
        return (chosen, try score(chosen), threshold)
    }
}
