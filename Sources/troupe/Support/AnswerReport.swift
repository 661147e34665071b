import Foundation
import Text

/// What `troupe answer` shows of one question.
struct AnswerReport {
    private let example: QuestionExample
    private let prediction: AnswerPrediction
    private let candidates: ArraySlice<AnswerCandidate>
    /// Of the window whose best start and end score most; the first of equals.
    private let argmax: ArgmaxAnswer?

    /// The best `top` answers to `example`, the only question of `answers`.
    init(_ example: QuestionExample, _ answers: AnsweringModel.Answers, tokenizer: any Tokenizer, top: Int) {
        self.example = example
        prediction = answers.predictions[0]
        candidates = prediction.candidates.prefix(top)
        var best: ArgmaxAnswer?
        for (window, logits) in zip(answers.features.windows, answers.logits) {
            guard let answer = try? window.argmaxAnswer(logits, tokenizer: tokenizer) else { continue }
            if let best, best.startScore + best.endScore >= answer.startScore + answer.endScore { continue }
            best = answer
        }
        argmax = best
    }

    /// The question and its answers, one per line.
    var text: String {
        let lines = candidates.map { candidate in
            let place = candidate.range.map { " at \($0.lowerBound)-\($0.upperBound)" } ?? ""
            return "    \(candidate.text.isEmpty ? "(no answer)" : candidate.text) "
                + String(format: "(%.3f)", candidate.probability) + place
        }
        return ([example.question] + lines).joined(separator: "\n")
    }

    /// The tokens as the vocabulary spells them, and put together.
    var argmaxText: String { "\(example.question)\n    \(argmax?.spelling ?? "")\n    \(argmax?.joined ?? "")" }

    /// All of it. Probabilities are shares among the candidates that were kept.
    var json: [String: Any] {
        var object: [String: Any] = [
            "id": example.id, "question": example.question, "answer": prediction.text,
            "answers": candidates.map(Self.object),
        ]
        object["null_odds"] = prediction.nullOdds
        if let argmax {
            object["argmax"] = [
                "text": argmax.joined, "tokens": argmax.pieces, "start_token": argmax.start, "end_token": argmax.end,
                "start_logit": Double(argmax.startScore), "end_logit": Double(argmax.endScore),
            ]
        }
        return object
    }

    private static func object(_ candidate: AnswerCandidate) -> [String: Any] {
        var object: [String: Any] = [
            "text": candidate.text, "probability": candidate.probability,
            "score": candidate.startScore + candidate.endScore, "start_logit": candidate.startScore,
            "end_logit": candidate.endScore,
        ]
        object["start"] = candidate.range?.lowerBound
        object["end"] = candidate.range?.upperBound
        return object
    }
}
