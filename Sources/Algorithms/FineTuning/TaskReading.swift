import Models
import Text

/// Reads the data of a fine-tuning run and cuts it into features.
///
/// - Throws: `TextError` naming file and line, `ConfigurationError` naming the key that does not fit.
package func makeFineTuningTask(_ run: RunConfiguration, _ source: FineTuningSource) throws -> any FineTuningTask {
    try TaskReading(run, source).task()
}

/// The names that `task.name` may have.
package func fineTuningTaskNames() -> [String] { TaskDescription.names }

/// What a fine-tuning run will begin with.
package struct FineTuningOutlook: Sendable {
    /// The number of training samples.
    package let samples: Int
    /// The parameters that the model's files lack, or have in another size.
    package let newlyInitialized: [String]

    /// Looks at the data and the model of a run.
    ///
    /// - Throws: what reading them throws.
    package init(_ run: RunConfiguration) throws {
        let source = try FineTuningSource(run)
        let task = try makeFineTuningTask(run, source)
        samples = task.trainingLengths.count
        newlyInitialized = try source.report(for: task).missing
    }
}

/// The reading of one run's data.
struct TaskReading {
    let run: RunConfiguration
    let tokenizer: any Tokenizer
    let description: TaskDescription
    let data: TaskData
    /// What the model says of its own labels.
    let source: FineTuningSource
    /// The one part that is read, of a model that is not trained; nil for a run.
    let evaluated: DataSplit?

    init(
        _ run: RunConfiguration, _ source: FineTuningSource, evaluating split: DataSplit? = nil, file: String? = nil
    ) throws {
        self.run = run
        self.source = source
        evaluated = split
        tokenizer = source.tokenizer
        description = try TaskDescription.named(run.task.name)
        var data = TaskData(description, path: run.task.data)
        data.trainFile = run.task.trainFile
        data.developmentFile = run.task.developmentFile
        data.columns = TaskColumns(
            text: run.task.textColumn ?? "text", pair: run.task.pairColumn, label: run.task.labelColumn ?? "label")
        data.levels = run.task.levels
        if let split {
            data.singleFileSplit = split
            data.setFile(file, of: split)
        }
        self.data = data
    }

    /// Whether examples may come without what is to be predicted: only test data that nothing is measured on.
    var isUnlabelledAllowed: Bool { evaluated == .test }

    func task() throws -> any FineTuningTask {
        switch description.kind {
        case .classification, .multiLabel, .regression: try sequenceTask()
        case .tagging: try taggingTask()
        case .questionAnswering: try questionTask()
        case .multipleChoice: try choiceTask()
        }
    }

    /// Which class each logit stands for.
    private var order: LabelOrder { LabelOrder(source.modelConfiguration) }

    /// The error for a label that no reader has refused before: one that `labels.txt` or the training data lack.
    func unknownLabel(_ label: String, of example: String, _ ids: [String: Int]) -> TextError {
        TextError(
            .malformedDataset,
            "\(example): the label '\(label)' is not among the \(ids.count) labels of the training data "
                + "(\(ids.keys.sorted().prefix(20).joined(separator: ", ")))"
                + NearestKey.hint(for: label, among: Array(ids.keys)))
    }

    /// The training and the development examples: those of two files, or a seeded share of one, which `hold` holds out
    /// (by default any examples). Of a model that is not trained, the evaluated part alone.
    func split<Example>(
        _ read: (TaskData, DataSplit) throws -> TaskExamples<Example>, labels: ([Example]) throws -> [String],
        hold: (([Example], _ share: Double) throws -> (training: [Example], development: [Example]))? = nil
    ) throws -> (training: [Example], development: [Example], labels: [String], summary: [String: String]) {
        var data = data
        if let evaluated {
            data.knownLabels = try order.evaluated(labels([]), of: description)
            let held = try read(data, evaluated)
            return ([], held.examples, data.knownLabels, ["data": held.report.summary])
        }
        let train = try read(data, .train)
        data.knownLabels = order.trained(try labels(train.examples), of: description)
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
            (training, development) = try (hold ?? holdOut)(training, run.task.developmentShare)
        }
        for (examples, name) in [(training, "training"), (development, "development")] where examples.isEmpty {
            throw ConfigurationError(
                .inconsistent, key: "task.data", message: "\(run.task.data) has no \(name) examples")
        }
        summary["training_examples"] = String(training.count)
        summary["development_examples"] = String(development.count)
        return (training, development, data.knownLabels, summary)
    }

    /// A share of the examples, each drawn alone.
    private func holdOut<Example>(
        _ examples: [Example], share: Double
    ) -> (training: [Example], development: [Example]) {
        let order = KeyedPermutation(seed: run.seed, stream: 1, count: examples.count)
        let held = Int((Double(examples.count) * share).rounded())
        let places = (0..<examples.count).map { order[$0] }
        return (
            places.dropFirst(held).sorted().map { examples[$0] }, places.prefix(held).sorted().map { examples[$0] }
        )
    }
}
