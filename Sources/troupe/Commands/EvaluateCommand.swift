import ArgumentParser
import Foundation
import Tensor

/// `troupe evaluate`: the metrics of a trained model on a part of a task's data.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure a fine-tuned model on a task's data.",
        discussion: """
            Prints the metrics that fine-tuning's own evaluations have, as sorted lines key = value, and with --output-dir \
            writes them to eval_results_<task>.txt. Of mnli, both development files are measured.

            Example:
              troupe evaluate --task mrpc --model runs/mrpc/model --data glue/MRPC --output-dir runs/mrpc
            """)

    @Option(name: .long, help: ArgumentHelp("The model directory.", valueName: "dir"))
    var model: String

    @OptionGroup var taskOptions: TaskDataOptions

    @Option(name: .long, help: ArgumentHelp("The part: train, dev or test.", valueName: "part"))
    var split = "dev"

    @Option(name: .long, help: ArgumentHelp("Folder for the file of results.", valueName: "dir"))
    var outputDir: String?

    @Flag(name: .long, help: "Use a model although its files lack parameters, which are random then.")
    var allowMissing = false

    func validate() throws { try taskOptions.requireData() }

    func run() async throws {
        try await reportingErrors {
            let context = ComputeContext(threads: ProcessInfo.processInfo.activeProcessorCount)
            try TaskDataRun(taskOptions, model: model, split: taskSplit(split), allowMissing: allowMissing)
                .evaluate(folder: outputDir, in: context)
        }
    }
}
