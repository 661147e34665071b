import Glibc
import Models
import Text

extension TaskReading {
    /// Texts or pairs of them, with classes, sets of classes or scores.
    func sequenceTask() throws -> any FineTuningTask {
        let (training, development, labels, facts) = try split(
            { try $0.classification($1) }, labels: { try data.labels(in: $0) })
        var summary = facts
        if !labels.isEmpty { summary["labels"] = String(labels.count) }
        let kind: SequenceTask.Kind =
            switch description.kind {
            case .regression: .scores
            case .multiLabel: .sets
            default: .classes
            }
        guard kind == .scores || labels.count > 1 else {
            throw ConfigurationError(
                .inconsistent, key: "task.data",
                message: "\(run.task.data): expected at least two labels, got \(labels.joined(separator: ", "))")
        }
        let ids = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        func samples(_ examples: [ClassificationExample]) throws -> (samples: [SequenceTask.Sample], cut: Int) {
            var cut = 0
            let samples = try examples.map { example in
                let encoding = try tokenizer.encode(
                    example.text, pair: example.pair,
                    EncodingOptions(maximumLength: run.task.maxSequenceLength, truncation: .longestFirst))[0]
                cut += encoding.removedCount > 0 ? 1 : 0
                let missing = run.task.attendsPadding ? run.task.maxSequenceLength - encoding.ids.count : 0
                return SequenceTask.Sample(
                    ids: encoding.ids + [Int32](repeating: tokenizer.specials.padding, count: missing),
                    typeIDs: encoding.typeIDs + [Int32](repeating: 0, count: missing),
                    target: try target(of: example, ids, count: labels.count))
            }
            return (samples, cut)
        }
        let (trainingSamples, trainingCut) = try samples(training)
        let (developmentSamples, developmentCut) = try samples(development)
        summary["shortened_examples"] = String(trainingCut + developmentCut)
        let (description, count) = (description, labels.count)
        return SequenceTask(
            kind: kind, form: run.task.head, labels: labels, training: trainingSamples, development: developmentSamples,
            balancesClasses: run.task.classWeights == .balanced, bestMetric: description.bestMetric, summary: summary
        ) { outputs, targets in
            let (predictions, loss) = Self.predictions(kind, outputs, targets, count)
            return predictions.metrics(of: description, loss: loss)
        }
    }

    private func target(of example: ClassificationExample, _ ids: [String: Int], count: Int) throws -> [Double] {
        func id(_ label: String) throws -> Int {
            guard let id = ids[label] else { throw unknownLabel(label, of: "example \(example.id)", ids) }
            return id
        }
        switch example.label {
        case .category(let label): return [Double(try id(label))]
        case .score(let number): return [number]
        case .categories(let labels):
            var target = [Double](repeating: 0, count: count)
            for label in labels { target[try id(label)] = 1 }
            return target
        case nil:
            guard isUnlabelledAllowed else {
                throw TextError(.malformedDataset, "example \(example.id) has no label")
            }
            // Nothing is measured on such data.
            return [Double](repeating: 0, count: max(count, 1))
        }
    }

    /// What rows of outputs predict, and their mean loss.
    private static func predictions(
        _ kind: SequenceTask.Kind, _ outputs: [[Double]], _ targets: [[Double]], _ count: Int
    ) -> (TaskPredictions, Double) {
        let rows = Double(max(outputs.count, 1))
        switch kind {
        case .classes:
            let labels = targets.map { Int($0[0]) }
            let loss = zip(outputs, labels).reduce(0) { $0 + Prediction.crossEntropy($1.0, $1.1) }
            return (.classes(outputs.map(Prediction.best), labels: labels, count: count), loss / rows)
        case .scores:
            let pairs = zip(outputs, targets).map { ($0[0], $1[0]) }
            let loss = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            return (.scores(pairs.map(\.0), labels: pairs.map(\.1)), loss / rows)
        case .sets:
            func set(_ row: [Double], above limit: Double) -> Set<Int> { Set(row.indices.filter { row[$0] > limit }) }
            let loss = zip(outputs.joined(), targets.joined()).reduce(0) { sum, pair in
                let (logit, target) = pair
                return sum + max(logit, 0) - logit * target + log1p(exp(-abs(logit)))
            }
            return (
                .classSets(
                    outputs.map { set($0, above: 0) }, labels: targets.map { set($0, above: 0.5) }, count: count),
                loss / (rows * Double(count))
            )
        }
    }
}
