internal import Foundation

extension TaskData {
    /// The label that `text` spells; throws for what is no class of the task, or no number.
    func label(_ text: String, place: String) throws(TextError) -> ExampleLabel {
        switch task.kind {
        case .regression:
            guard let score = Double(text), score.isFinite else {
                throw TextError(.malformedDataset, "\(place): expected a number as label, got '\(text)'")
            }
            return .score(score)
        case .multiLabel:
            let names = text.split(separator: "|").map(String.init)
            for name in names { try check(name, place: place) }
            return .categories(names)
        case .classification, .tagging, .multipleChoice, .questionAnswering:
            try check(text, place: place)
            return .category(text)
        }
    }

    /// Throws for a class that is not among `knownLabels`.
    func check(_ label: String, place: String) throws(TextError) {
        guard knownLabels.isEmpty || knownLabels.contains(label) else {
            let shown = knownLabels.prefix(20).joined(separator: ", ")
            let rest = knownLabels.count > 20 ? ", ... (\(knownLabels.count) in all)" : ""
            throw TextError(
                .malformedDataset,
                "\(place): expected one of \(shown)\(rest) as label, got '\(label)'"
                    + NearestKey.hint(for: label, among: knownLabels))
        }
    }

    /// The classes of the task: its own, or those of the file `labels.txt` beside the data, one per line, or those that
    /// `examples` are labelled with, numbers by value and words by their characters.
    package func labels(in examples: [ClassificationExample]) throws(TextError) -> [String] {
        try labels {
            examples.lazy.flatMap { example -> [String] in
                switch example.label {
                case .category(let name): [name]
                case .categories(let names): names
                case .score, nil: []
                }
            }
        }
    }

    /// The tags of the task: its own, or those of `labels.txt`, or those in `examples`.
    package func labels(in examples: [TaggingExample]) throws(TextError) -> [String] {
        try labels { examples.lazy.flatMap { $0.tags ?? [] } }
    }

    private func labels(found: () -> some Sequence<String>) throws(TextError) -> [String] {
        if !task.labels.isEmpty || task.kind == .regression { return task.labels }
        let file = "\(path)/labels.txt"
        if FileManager.default.fileExists(atPath: file) {
            var labels: [String] = []
            try readLines(file) { number, line throws(TextError) in
                let label = try decodeText(line, place: "\(file):\(number)")
                if label.isEmpty { return }
                guard !labels.contains(label) else {
                    throw TextError(.malformedDataset, "\(file):\(number): the label '\(label)' comes twice")
                }
                labels.append(label)
            }
            return labels
        }
        let labels = Set(found())
        let numbers = labels.compactMap { Int($0) }
        guard numbers.count == labels.count else { return labels.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
        return labels.sorted { (Int($0) ?? 0, $0) < (Int($1) ?? 0, $1) }
    }
}
