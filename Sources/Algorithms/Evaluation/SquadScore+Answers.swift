package import Text

extension SquadScore {
    /// The official scores of answers: of version 2.0 if questions may have none.
    ///
    /// The null odds serve for the best thresholds alone. The official program also takes every question with odds above 1
    /// for unanswered, which answers chosen by another threshold than the usual 0 would not survive.
    ///
    /// - Throws: as `version1` and `version2`.
    package static func of(
        _ examples: [QuestionExample], _ answers: [AnswerPrediction], allowsNoAnswer: Bool
    ) throws(AlgorithmsError) -> SquadScore {
        var predictions: [String: String] = [:]
        var odds: [String: Double] = [:]
        for answer in answers { (predictions[answer.id], odds[answer.id]) = (answer.text, answer.nullOdds) }
        guard allowsNoAnswer else { return try version1(examples, predictions: predictions) }
        var score = try version2(examples, predictions: predictions)
        if !odds.isEmpty {
            let best = try version2(examples, predictions: predictions, nullOdds: odds)
            (score.bestExact, score.bestF1) = (best.bestExact, best.bestF1)
        }
        return score
    }
}
