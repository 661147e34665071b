import Models
import Text

/// Reads the data of a fine-tuning run and cuts it into features.
///
/// - Throws: `TextError` naming file and line, `ConfigurationError` naming the key that does not fit.
package func makeFineTuningTask(_ run: RunConfiguration, _ source: FineTuningSource) throws -> any FineTuningTask {
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

/// The reading of one run's data.
struct TaskReading {
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
        case .questionAnswering: try questionTask()
        case .multipleChoice:
            throw ConfigurationError(
                .unsupported, key: "task.name", message: "multiple choice (\(description.name)) is not available yet")
        }
    }

    /// The training and the development examples: those of two files, or a seeded share of one, which `hold` holds out
    /// (by default any examples).
    func split<Example>(
        _ read: (TaskData, DataSplit) throws -> TaskExamples<Example>, labels: ([Example]) throws -> [String],
        hold: (([Example], _ share: Double) throws -> (training: [Example], development: [Example]))? = nil
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
