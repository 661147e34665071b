package import Models
package import Tensor
package import Text

/// Examples of one of the kinds that tasks have.
package enum EvaluatedExamples: Sendable {
    case texts([ClassificationExample])
    case sentences([TaggingExample])
    case questions([ChoiceExample])

    /// Whether every example says what is right.
    package var areLabelled: Bool {
        switch self {
        case .texts(let examples): examples.allSatisfy { $0.label != nil }
        case .sentences(let examples): examples.allSatisfy { $0.tags != nil }
        case .questions(let examples): examples.allSatisfy { $0.label != nil }
        }
    }
}

/// A model that is not trained any more on one part of a task's data: its outputs, the metrics of fine-tuning's own
/// evaluations, and (`TaskScoring+Files`) the files of predictions.
package struct TaskScoring {
    /// The task.
    package let description: TaskDescription
    /// The examples in the order of the data.
    package let examples: EvaluatedExamples
    let task: any FineTuningTask
    private let batchSize: Int

    /// Reads a part of the data of `run.task`, or `file` in its place, for the model in `run.model.directory`.
    ///
    /// - Throws: `TextError`, `ModelsError` or `ConfigurationError` when data and model disagree.
    package init(_ run: RunConfiguration, split: DataSplit, file: String? = nil) throws {
        guard try TaskDescription.named(run.task.name).kind != .questionAnswering else {
            throw ConfigurationError(
                .unsupported, key: "task.name",
                message: "troupe evaluate --output-dir writes the predictions of \(run.task.name)")
        }
        let reading = try TaskReading(run, FineTuningSource(run), evaluating: split, file: file)
        description = reading.description
        batchSize = run.evaluation.batchSize
        task = try reading.task()
        // A second time as texts, which the features do not keep.
        examples =
            switch description.kind {
            case .classification, .multiLabel, .regression:
                .texts(try reading.data.classification(split).examples)
            case .tagging: .sentences(try reading.data.tagging(split).examples)
            case .multipleChoice, .questionAnswering: .questions(try reading.data.choices(split).examples)
            }
    }

    /// The head that the model must have.
    package var head: ModelHead { task.head }
    /// The classes in the order of the logits.
    package var labels: [String] { task.labels }

    /// The outputs of each example: logits of classes, of the classes of its words one after the other, or of its answers.
    package func outputs(of model: EncoderModel, in context: ComputeContext) throws -> [[Double]] {
        let counts = task.outputCounts
        var rows: [[Double]] = []
        for start in stride(from: 0, to: counts.count, by: batchSize) {
            let samples = start..<min(start + batchSize, counts.count)
            let values = try Tensor.withoutGradient { try task.outputs(of: samples, model, in: context) }
            var place = 0
            for sample in samples {
                rows.append(values[place..<place + counts[sample]].map(Double.init))
                place += counts[sample]
            }
        }
        return rows
    }

    /// The metrics of outputs, by their keys.
    ///
    /// - Throws: `TextError` (`malformedDataset`) if an example does not say what is right.
    package func metrics(_ outputs: [[Double]]) throws -> [String: Double] {
        guard examples.areLabelled else {
            throw TextError(
                .malformedDataset, "task \(description.name): these data have no labels, so nothing can be measured")
        }
        return try task.metrics(outputs.joined().map { Float($0) })
    }
}
