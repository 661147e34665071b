import Glibc
import Models
import Text

/// Reads the data of a fine-tuning run and cuts it into features.
///
/// - Throws: `TextError` naming file and line, `ConfigurationError` naming the key that does not fit.
func makeFineTuningTask(_ run: RunConfiguration, _ source: FineTuningSource) throws -> any FineTuningTask {
    try TaskReading(run, source).task()
}

/// The names that `task.name` may have.
package func fineTuningTaskNames() -> [String] {
    TaskDescription.names.filter { name in
        guard let task = try? TaskDescription.named(name) else { return false }
        return task.kind != .multipleChoice
    }
}

/// The number of training samples of a fine-tuning run.
///
/// - Throws: what reading its data throws.
package func fineTuningSampleCount(_ run: RunConfiguration) throws -> Int {
    try makeFineTuningTask(run, FineTuningSource(run)).trainingLengths.count
}

private struct TaskReading {
    let run: RunConfiguration
    let tokenizer: any Tokenizer
    let description: TaskDescription
    let data: TaskData

    init(_ run: RunConfiguration, _ source: FineTuningSource) throws {
        self.run = run
        tokenizer = source.tokenizer
        description = try TaskDescription.named(run.task.name)
        var data = TaskData(description, path: run.task.data)
        data.trainFile = run.task.trainFile
        data.developmentFile = run.task.developmentFile
        data.columns = TaskColumns(
            text: run.task.textColumn ?? "text", pair: run.task.pairColumn, label: run.task.labelColumn ?? "label")
        self.data = data
    }

    func task() throws -> any FineTuningTask {
        switch description.kind {
        case .classification, .multiLabel, .regression: try sequenceTask()
        case .tagging: try taggingTask()
        case .multipleChoice:
            throw ConfigurationError(
                .unsupported, key: "task.name", message: "multiple choice (\(description.name)) is not available yet")
        }
    }

    /// The training and the development examples: those of two files, or a seeded share of one.
    private func split<Example>(
        _ read: (TaskData, DataSplit) throws -> TaskExamples<Example>, labels: ([Example]) throws -> [String]
    ) throws -> (training: [Example], development: [Example], labels: [String], summary: [String: String]) {
        let train = try read(data, .train)
        var data = data
        data.knownLabels = try labels(train.examples)
        var summary = ["training_data": train.report.summary]
        var (training, development) = (train.examples, [Example]())
        if run.task.developmentFile != nil || data.contains(.development) {
            let held = try read(data, .development)
            development = held.examples
            summary["development_data"] = held.report.summary
        } else {
            guard run.task.developmentShare > 0 else {
                throw ConfigurationError(
                    .missingKey, key: "task.development_file",
                    message: "there is no development file in \(run.task.data); name one, or give "
                        + "task.development_share, a share of the training file")
            }
            let order = KeyedPermutation(seed: run.seed, stream: 1, count: training.count)
            let held = Int((Double(training.count) * run.task.developmentShare).rounded())
            let places = (0..<training.count).map { order[$0] }
            development = places.prefix(held).sorted().map { training[$0] }
            training = places.dropFirst(held).sorted().map { training[$0] }
        }
        for (examples, name) in [(training, "training"), (development, "development")] where examples.isEmpty {
            throw ConfigurationError(
                .inconsistent, key: "task.data", message: "\(run.task.data) has no \(name) examples")
        }
        summary["training_examples"] = String(training.count)
        summary["development_examples"] = String(development.count)
        return (training, development, data.knownLabels, summary)
    }

    // MARK: Sequences

    private func sequenceTask() throws -> any FineTuningTask {
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
                return SequenceTask.Sample(
                    ids: encoding.ids, typeIDs: encoding.typeIDs,
                    target: try target(of: example, ids, count: labels.count))
            }
            return (samples, cut)
        }
        let (trainingSamples, trainingCut) = try samples(training)
        let (developmentSamples, developmentCut) = try samples(development)
        summary["shortened_examples"] = String(trainingCut + developmentCut)
        let (description, count) = (description, labels.count)
        return SequenceTask(
            kind: kind, labels: labels, training: trainingSamples, development: developmentSamples,
            balancesClasses: run.task.classWeights == .balanced, bestMetric: description.bestMetric, summary: summary
        ) { outputs, targets in
            let (predictions, loss) = Self.predictions(kind, outputs, targets, count)
            return predictions.metrics(of: description, loss: loss)
        }
    }

    private func target(of example: ClassificationExample, _ ids: [String: Int], count: Int) throws -> [Double] {
        func id(_ label: String) throws -> Int {
            guard let id = ids[label] else {
                let nearest = NearestKey.suggestion(for: label, among: Array(ids.keys))
                throw TextError(
                    .malformedDataset,
                    "example \(example.id): the label '\(label)' is not among the \(ids.count) labels of the training "
                        + "data (\(ids.keys.sorted().joined(separator: ", ")))"
                        + (nearest.map { "; did you mean \($0)?" } ?? ""))
            }
            return id
        }
        switch example.label {
        case .category(let label): return [Double(try id(label))]
        case .score(let number): return [number]
        case .categories(let labels):
            var target = [Double](repeating: 0, count: count)
            for label in labels { target[try id(label)] = 1 }
            return target
        case nil: throw TextError(.malformedDataset, "example \(example.id) has no label")
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

    // MARK: Tags

    private func taggingTask() throws -> any FineTuningTask {
        let (training, development, labels, facts) = try split(
            { try $0.tagging($1) }, labels: { try data.labels(in: $0) })
        let ids = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        var dropped = 0
        func samples(_ examples: [TaggingExample]) throws -> [TaggingTask.Sample] {
            try examples.map { example in
                let sample = try sample(of: example, ids)
                dropped += example.words.count - sample.tags.count
                return sample
            }
        }
        var summary = facts
        let (trainingSamples, developmentSamples) = (try samples(training), try samples(development))
        summary["labels"] = String(labels.count)
        summary["words_cut_off"] = String(dropped)
        return TaggingTask(
            description, labels: labels, training: trainingSamples, development: developmentSamples, summary: summary)
    }

    /// Words go into tokens one by one; what does not fit is cut from the end.
    private func sample(of example: TaggingExample, _ ids: [String: Int]) throws -> TaggingTask.Sample {
        var tokens = [tokenizer.specials.classification]
        var (firstTokens, tags) = ([Int](), [Int]())
        guard let labels = example.tags else {
            throw TextError(.malformedDataset, "sentence \(example.id) has no tags")
        }
        for (word, label) in zip(example.words, labels) {
            guard let tag = ids[label] else {
                throw TextError(
                    .malformedDataset,
                    "sentence \(example.id): the tag '\(label)' is not among those of the training data "
                        + "(\(ids.keys.sorted().joined(separator: ", ")))")
            }
            let pieces = try tokenizer.tokenize(word).map(\.id)
            guard !pieces.isEmpty else { continue }
            let room = run.task.maxSequenceLength - 1 - tokens.count
            if room <= 0 { break }
            firstTokens.append(tokens.count)
            tags.append(tag)
            tokens += pieces.prefix(room)
        }
        return TaggingTask.Sample(ids: tokens + [tokenizer.specials.separator], firstTokens: firstTokens, tags: tags)
    }
}
