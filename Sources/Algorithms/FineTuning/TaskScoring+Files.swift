import Models
package import Text

extension TaskScoring {
    /// What is predicted for each example, in words: classes, scores, or the answers' letters (RACE, ARC) or numbers (SWAG).
    /// Empty for words' tags.
    package func predictions(_ outputs: [[Double]]) -> [ExampleLabel] {
        switch description.kind {
        case .regression: outputs.map { .score($0[0]) }
        case .classification: outputs.map { .category(labels[Prediction.best($0)]) }
        case .multiLabel:
            outputs.map { row in .categories(labels.indices.filter { row[$0] > 0 }.map { labels[$0] }) }
        case .multipleChoice:
            outputs.map { row in
                let best = Prediction.best(row)
                return .category(
                    description.name == "swag" ? String(best) : String("ABCDEFGHIJ".dropFirst(best).prefix(1)))
            }
        case .tagging, .questionAnswering: []
        }
    }

    /// The tag of each word; `O` for words that the model did not see.
    package func tags(_ outputs: [[Double]]) -> [[String]] {
        guard case .sentences(let sentences) = examples, let task = task as? TaggingTask else { return [] }
        return sentences.indices.map { index in
            var tags = [String](repeating: "O", count: sentences[index].words.count)
            for (place, word) in task.evaluatedWords[index].enumerated() {
                let row = Array(outputs[index][place * labels.count..<(place + 1) * labels.count])
                tags[word] = labels[Prediction.best(row)]
            }
            return tags
        }
    }

    /// Writes what is predicted into one file: `index<TAB>prediction` with the examples' own names, or words with tags.
    ///
    /// - Throws: `TextError` if it cannot be written.
    package func writePredictions(_ outputs: [[Double]], to path: String) throws {
        switch examples {
        case .sentences(let sentences): try PredictionFiles.writeTags(sentences, tags(outputs), to: path)
        case .texts(let texts):
            try PredictionFiles.writeSubmission(texts.map(\.id), predictions(outputs), to: path)
        case .questions(let questions):
            try PredictionFiles.writeSubmission(questions.map(\.id), predictions(outputs), to: path)
        }
    }

    /// Writes the files of both original programs and of the GLUE site into a folder, and gives their names: ALBERT's
    /// `test_results.tsv` (probabilities) and `submit_results.tsv`, Hugging Face's `test_results_<task>.txt` or
    /// `test_predictions.txt`, and GLUE's `MNLI-m.tsv` and the like. Files of `mnli-mm` and `ax`, which lie beside those of
    /// `mnli`, bear their task's name.
    ///
    /// - Throws: `TextError` if one cannot be written.
    package func writePredictionFiles(_ outputs: [[Double]], in folder: String) throws -> [String] {
        let isCompanion = ["mnli-mm", "ax"].contains(description.name)
        func name(_ stem: String, _ suffix: String) -> String {
            isCompanion ? "\(stem)_\(description.name).\(suffix)" : "\(stem).\(suffix)"
        }
        if case .sentences = examples {
            try writePredictions(outputs, to: "\(folder)/test_predictions.txt")
            return ["test_predictions.txt"]
        }
        let probabilities = name("test_results", "tsv")
        try PredictionFiles.writeProbabilities(outputs.map(self.probabilities), to: "\(folder)/\(probabilities)")
        var names = [name("submit_results", "tsv")]
        if let submission = description.submissionName { names.append(submission) }
        for name in names { try writePredictions(outputs, to: "\(folder)/\(name)") }
        let numbered = "test_results_\(description.name).txt"
        try PredictionFiles.writeNumbered(predictions(outputs), to: "\(folder)/\(numbered)")
        return [probabilities] + names + [numbered]
    }

    /// The probabilities of a row of logits, or its score.
    private func probabilities(_ row: [Double]) -> [Double] {
        switch description.kind {
        case .regression: row
        case .multiLabel: row.map(Prediction.sigmoid)
        default: Prediction.softmax(row)
        }
    }
}
