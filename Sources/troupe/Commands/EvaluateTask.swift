import Algorithms
import Foundation
import Models
import Tensor
import Text

/// A trained model on a part of a task's data, and on the data that belong with it: `mnli-mm` and `ax` with `mnli`.
struct TaskDataRun {
    private let options: TaskDataOptions
    private let model: String
    private let split: DataSplit
    private let allowMissing: Bool

    init(_ options: TaskDataOptions, model: String, split: DataSplit, allowMissing: Bool) {
        self.options = options
        self.model = model
        self.split = split
        self.allowMissing = allowMissing
    }

    /// The metrics of the task and of its companion, sorted by key. `checking` is told the name of each before any work.
    ///
    /// - Throws: `TextError`, `ModelsError` or `ConfigurationError` when data and model disagree.
    func metrics(
        in context: ComputeContext, checking: (String) throws -> Void
    ) throws -> [(name: String, metrics: [(key: String, value: Double)])] {
        try scored(companions: ["mnli-mm"], in: context, checking: checking).map { scoring, outputs in
            (scoring.description.name, try scoring.metrics(outputs).sorted { $0.key < $1.key })
        }
    }

    /// Writes what is predicted: to one file, and in all forms to a folder. Metrics are printed where there are labels.
    ///
    /// - Throws: as `metrics`.
    func predict(output: String?, folder: String?, in context: ComputeContext) throws {
        try prepare(folder)
        let companions = folder == nil ? [] : ["mnli-mm", "ax"]
        for (index, (scoring, outputs)) in try scored(companions: companions, in: context).enumerated() {
            var files: [String] = []
            if let output, index == 0 {
                try scoring.writePredictions(outputs, to: output)
                files.append(output)
            }
            if let folder { files += try scoring.writePredictionFiles(outputs, in: folder).map { "\(folder)/\($0)" } }
            print("\(scoring.description.name): \(outputs.count) examples: \(files.joined(separator: ", "))")
            guard scoring.examples.areLabelled else { continue }
            for (key, value) in try scoring.metrics(outputs).sorted(by: { $0.key < $1.key }) {
                print("\(key) = \(Float(value))")
            }
        }
    }

    private func prepare(_ folder: String?) throws {
        guard let folder else { return }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// The outputs for the task, and for those of its companions whose data are there.
    private func scored(
        companions: [String], in context: ComputeContext, checking: (String) throws -> Void = { _ in }
    ) throws -> [(scoring: TaskScoring, outputs: [[Double]])] {
        let task = try TaskDescription.named(options.task ?? "")
        let data = options.data ?? ""
        var scorings = [try TaskScoring(configuration(task, data: data), split: split, file: options.file)]
        if task.name == "mnli", options.file == nil {
            for name in companions {
                let companion = try TaskDescription.named(name)
                let place = [data, "\(data)/.."].first { TaskData(companion, path: $0).contains(split) }
                guard let place else { continue }
                scorings.append(try TaskScoring(configuration(companion, data: place), split: split))
            }
        }
        for scoring in scorings { try checking(scoring.description.name) }
        let text = try ModelText(
            directory: model, head: scorings[0].head, tolerating: allowMissing ? .anything : .nothing, in: context)
        return try scorings.map { ($0, try $0.outputs(of: text.model, in: context)) }
    }

    private func configuration(_ task: TaskDescription, data: String) throws -> RunConfiguration {
        let saved = try ModelDirectory.configuration(in: model)
        let limit = min(task.defaultMaximumLength, saved.maximumTokens)
        var readsFirstToken = false
        if case .firstTokenClassification? = saved.savedHead { readsFirstToken = true }
        let settings = [
            "program": "finetuning", "model.directory": quotedYAML(model), "task.name": quotedYAML(task.name),
            "task.data": quotedYAML(data), "task.text_column": options.columns.textColumn.map(quotedYAML),
            "task.pair_column": options.columns.pairColumn.map(quotedYAML),
            "task.label_column": options.columns.labelColumn.map(quotedYAML),
            "task.max_sequence_length": String(options.maxLength ?? limit),
            "task.head": readsFirstToken ? "first_token" : nil,
            "evaluation.batch_size": String(options.evalBatchSize),
        ].compactMap { key, value in value.map { "\(key)=\($0)" } }.sorted()
        return try RunConfiguration.parse(yaml: "{}", file: "the options", overrides: settings + options.overrides)
    }
}

/// A text as YAML, whatever is in it.
func quotedYAML(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    return "\"\(escaped)\""
}
