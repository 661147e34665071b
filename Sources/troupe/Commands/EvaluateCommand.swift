import ArgumentParser
import Foundation
import Text

/// `troupe evaluate`: the metrics of a model, or of predictions that were made before, on a task's data.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure a fine-tuned model on a task's data.",
        discussion: """
            Question answering (squad, squad-v2) is scored as by the official programs, under their names, in per cent. With \
            --output-dir, predictions.json, nbest_predictions.json, null_odds.json (squad-v2) and eval_results.txt are \
            written. --predictions scores such a file without a model.

            Examples:
              troupe evaluate --task squad --model runs/squad/model --data squad/dev-v1.1.json --output-dir out
              troupe evaluate --task squad-v2 --data dev-v2.0.json --predictions out/predictions.json --json
            """)

    @Option(name: .long, help: "The task.")
    var task: String

    @Option(name: .long, help: ArgumentHelp("The model directory.", valueName: "dir"))
    var model: String?

    @Option(name: .long, help: ArgumentHelp("The file to evaluate, or the task's folder.", valueName: "path"))
    var data: String

    @Option(name: .long, help: ArgumentHelp("Score the answers of this file instead of a model's.", valueName: "file"))
    var predictions: String?

    @Option(
        name: .long, help: ArgumentHelp("With --predictions: the odds of 'no answer' (squad-v2).", valueName: "file"))
    var nullOdds: String?

    @Option(name: .long, help: ArgumentHelp("Folder that receives predictions and metrics.", valueName: "dir"))
    var outputDir: String?

    @Flag(name: .long, help: "Replace such files that are in the folder already.")
    var overwrite = false

    @Flag(name: .long, help: "Print the metrics as one JSON object.")
    var json = false

    @OptionGroup(title: "Question answering")
    var questions: QuestionOptions

    func validate() throws {
        guard (model == nil) != (predictions == nil) else {
            throw ValidationError("give either --model or --predictions")
        }
        if nullOdds != nil && predictions == nil { throw ValidationError("--null-odds goes with --predictions") }
    }

    func run() async throws {
        try await reportingErrors {
            let description = try TaskDescription.named(task)
            var files = TaskData(description, path: data)
            var isDirectory: ObjCBool = false
            if unsafe FileManager.default.fileExists(atPath: data, isDirectory: &isDirectory), !isDirectory.boolValue {
                files.developmentFile =
                    data.hasPrefix("/") ? data : "\(FileManager.default.currentDirectoryPath)/\(data)"
            }
            switch description.kind {
            case .questionAnswering: try evaluateQuestions(files)
            case .classification, .multiLabel, .regression, .tagging, .multipleChoice:
                throw CommandError(
                    .badData, "--task \(description.name): evaluating \(description.kind.rawValue) is not available yet"
                )
            }
        }
    }

    /// Prints metrics in their order.
    func show(_ metrics: [(key: String, value: Double)]) throws {
        if json {
            try printJSON(Dictionary(uniqueKeysWithValues: metrics.map { ($0.key, $0.value) }))
        } else {
            for (key, value) in metrics { print("\(key) = \(value)") }
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
