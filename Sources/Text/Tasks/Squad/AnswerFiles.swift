/// The files in which programs for SQuAD keep answers, under the names that BERT's program gives them. All but ASCII is
/// written as escapes, as there: the official scorers read files in whatever encoding the system has.
package enum AnswerFiles {
    /// `{id: text}`.
    package static let predictions = "predictions.json"
    /// `{id: [{text, probability, start_logit, end_logit}]}`.
    package static let candidates = "nbest_predictions.json"
    /// `{id: odds}`; only if questions may have no answer.
    package static let nullOdds = "null_odds.json"

    /// `key = value` per line, sorted by key.
    package static let scores = "eval_results.txt"
    /// All of the names.
    package static let names = [predictions, candidates, nullOdds, scores]

    /// What the scores of candidates are called.
    package enum ScoreNames: String, Sendable {
        /// `start_logit` and `end_logit`.
        case logits = "logit"
        /// `start_log_prob` and `end_log_prob`, as ALBERT's programs say.
        case logProbabilities = "log_prob"
    }

    /// Writes the files into a directory, which is made if it is missing.
    ///
    /// - Throws: `unwritable` naming the file.
    package static func write(
        _ answers: [AnswerPrediction], directory: String, scoreNames: ScoreNames = .logits
    ) throws(TextError) {
        try Folders.create(directory)
        try write(answers, "\(directory)/\(predictions)") { quoted($0.text) }
        try write(answers, "\(directory)/\(candidates)") { answer in
            let entries = answer.candidates.map { candidate in
                let members = [
                    "\"text\": \(quoted(candidate.text))", "\"probability\": \(candidate.probability)",
                    "\"start_\(scoreNames.rawValue)\": \(candidate.startScore)",
                    "\"end_\(scoreNames.rawValue)\": \(candidate.endScore)",
                ]
                return "        {\n            " + members.joined(separator: ",\n            ") + "\n        }"
            }
            return "[\n" + entries.joined(separator: ",\n") + "\n    ]"
        }
        if answers.contains(where: { $0.nullOdds != nil }) {
            try write(answers, "\(directory)/\(nullOdds)") { "\($0.nullOdds ?? 0)" }
        }
    }

    /// Writes scores beside the answers.
    ///
    /// - Throws: `unwritable` naming the file.
    package static func writeScores(
        _ pairs: [(key: String, value: Double)], directory: String
    ) throws(TextError) {
        try Folders.create(directory)
        let lines = pairs.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }
        try OutputFile.create("\(directory)/\(scores)", lines.joined().utf8)
    }

    /// The answers of a predictions file by the question's id.
    ///
    /// - Throws: `unreadable`, or `malformedDataset` naming the file and the key.
    package static func readPredictions(_ path: String) throws(TextError) -> [String: String] {
        try JSONFile.read(path)
    }

    /// The null odds of a file by the question's id; throws as `readPredictions`.
    package static func readNullOdds(_ path: String) throws(TextError) -> [String: Double] {
        try JSONFile.read(path)
    }

    private static func write(
        _ answers: [AnswerPrediction], _ path: String, value: (AnswerPrediction) -> String
    ) throws(TextError) {
        let members = answers.map { "    \(quoted($0.id)): \(value($0))" }
        let body = members.isEmpty ? "{}" : "{\n" + members.joined(separator: ",\n") + "\n}"
        try OutputFile.create(path, (body + "\n").utf8)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x08: result += "\\b"
            case 0x09: result += "\\t"
            case 0x0A: result += "\\n"
            case 0x0C: result += "\\f"
            case 0x0D: result += "\\r"
            case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result + "\""
    }
}
