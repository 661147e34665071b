import ArgumentParser
import Foundation
import Tensor
import Text

/// `troupe evaluate`: the metrics of a model, or of predictions that were made before, on a task's data.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure a fine-tuned model on a task's data.",
        discussion: """
            Prints the metrics that fine-tuning's own evaluations have, as sorted lines key = value, and with --output-dir \
            writes them to eval_results_<task>.txt. Of mnli, both development files are measured.

            Question answering (squad, squad-v2) is scored as by the official programs, under their names, in per cent. With \
            --output-dir, predictions.json, nbest_predictions.json, null_odds.json (squad-v2) and eval_results.txt are \
            written. --predictions scores such a file without a model.

            Examples:
              troupe evaluate --task mrpc --model runs/mrpc/model --data glue/MRPC --output-dir runs/mrpc
              troupe evaluate --task squad --model runs/squad/model --data squad/dev-v1.1.json --output-dir out
              troupe evaluate --task squad-v2 --data dev-v2.0.json --predictions out/predictions.json --json
            """)

    @Option(name: .long, help: ArgumentHelp("The model directory.", valueName: "dir"))
    var model: String?

    @OptionGroup var taskOptions: TaskDataOptions

    @Option(name: .long, help: ArgumentHelp("The part: train, dev or test.", valueName: "part"))
    var split = "dev"

    @Option(name: .long, help: ArgumentHelp("Folder for the results.", valueName: "dir"))
    var outputDir: String?

    @Flag(name: .long, help: "Replace results that are in the folder already.")
    var overwrite = false

    @Flag(name: .long, help: "Print the metrics as JSON, an object per task.")
    var json = false

    @Flag(name: .long, help: "Use a model although its files lack parameters, which are random then.")
    var allowMissing = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Question answering: score the answers of this file instead of a model's.", valueName: "file"))
    var predictions: String?

    @Option(
        name: .long, help: ArgumentHelp("With --predictions: the odds of 'no answer' (squad-v2).", valueName: "file"))
    var nullOdds: String?

    @OptionGroup(title: "Question answering")
    var questions: QuestionOptions

    func validate() throws {
        try taskOptions.requireData()
        guard (model == nil) != (predictions == nil) else {
            throw ValidationError("give either --model or --predictions")
        }
        if nullOdds != nil && predictions == nil { throw ValidationError("--null-odds goes with --predictions") }
    }

    func run() async throws {
        try await reportingErrors {
            let description = try TaskDescription.named(taskOptions.task ?? "")
            if description.kind == .questionAnswering { return try evaluateQuestions(description) }
            guard let model else {
                throw CommandError(
                    .badData, "--predictions is for squad and squad-v2; \(description.name) needs --model")
            }
            let context = ComputeContext(threads: ProcessInfo.processInfo.activeProcessorCount)
            let run = TaskDataRun(taskOptions, model: model, split: try taskSplit(split), allowMissing: allowMissing)
            for (name, metrics) in try run.metrics(
                in: context, checking: { try checkOutput(["eval_results_\($0).txt"]) })
            {
                try show(metrics)
                guard let outputDir else { continue }
                let text = metrics.map { "\($0.key) = \(Float($0.value))\n" }.joined()
                try FileManager.default.createDirectory(atPath: outputDir, withIntermediateDirectories: true)
                try Data(text.utf8)
                    .write(to: URL(filePath: "\(outputDir)/eval_results_\(name).txt"), options: .atomic)
            }
        }
    }

    /// Prints metrics in their order.
    func show(_ metrics: [(key: String, value: Double)]) throws {
        if json {
            try printJSON(Dictionary(uniqueKeysWithValues: metrics.map { ($0.key, $0.value) }))
        } else {
            for (key, value) in metrics { print("\(key) = \(Float(value))") }
        }
    }

    /// Throws `CommandError` if one of the files is in the output folder already and may not be replaced.
    func checkOutput(_ names: [String]) throws {
        guard let outputDir, !overwrite else { return }
        if let name = names.first(where: { FileManager.default.fileExists(atPath: "\(outputDir)/\($0)") }) {
            throw CommandError(.badData, "\(outputDir)/\(name) is there already; --overwrite replaces it")
        }
    }
}
