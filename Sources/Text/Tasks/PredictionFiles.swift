internal import Foundation

/// Files of predictions as the benchmarks and the original programs write them.
package enum PredictionFiles {
    /// One line per example: the probabilities of its classes, or its score, TABs between them (`test_results.tsv`).
    package static func writeProbabilities(_ rows: [[Double]], to path: String) throws(TextError) {
        try write(rows.map { $0.map(\.description).joined(separator: "\t") }, to: path)
    }

    /// A header, then the index of each example and what was predicted for it (`submit_results.tsv`, and what the GLUE site
    /// takes). There are as many labels as indices.
    package static func writeSubmission(
        _ indices: [String], _ labels: [ExampleLabel], to path: String
    ) throws(TextError) {
        try write(["index\tprediction"] + zip(indices, labels).map { "\($0)\t\(text(of: $1))" }, to: path)
    }

    /// As above with examples counted from 0 and scores to three decimals, as the scripts of Hugging Face write it
    /// (`test_results_<task>.txt`).
    package static func writeNumbered(_ labels: [ExampleLabel], to path: String) throws(TextError) {
        let lines = labels.enumerated().map { "\($0)\t\(text(of: $1, decimals: 3))" }
        try write(["index\tprediction"] + lines, to: path)
    }

    private static func text(of label: ExampleLabel, decimals: Int? = nil) -> String {
        switch label {
        case .category(let name): name
        case .categories(let names): names.joined(separator: "|")
        case .score(let value): decimals.map { String(format: "%.\($0)f", value) } ?? value.description
        }
    }

    /// A word and its tag per line, an empty line after each sentence (`test_predictions.txt`). Words for which there is no
    /// prediction, since the model did not see them, have the tag `O`.
    package static func writeTags(
        _ examples: [TaggingExample], _ tags: [[String]], to path: String
    ) throws(TextError) {
        let lines = zip(examples, tags).flatMap { example, tags in
            example.words.indices.map { "\(example.words[$0]) \(tags.indices.contains($0) ? tags[$0] : "O")" } + [""]
        }
        try write(lines, to: path)
    }

    private static func write(_ lines: [String], to path: String) throws(TextError) {
        let file = try OutputFile(path)
        for line in lines { try file.append((line + "\n").utf8) }
        try file.finish()
    }
}

extension TaskDescription {
    /// How the GLUE site wants the submitted file of the task called; nil of other tasks.
    package var submissionName: String? {
        guard case .glue(let folder, let layout) = layout else { return nil }
        return switch layout.suffix {
        case "_matched": "\(folder)-m.tsv"
        case "_mismatched": "\(folder)-mm.tsv"
        default: "\(folder).tsv"
        }
    }
}
