import Algorithms
import ArgumentParser
import Foundation
import Models
import Tensor

/// `troupe predict`: what a fine-tuned classifier says of texts.
struct PredictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Classify texts with a fine-tuned model.",
        discussion: """
            Texts come as arguments, or one per line from --input or standard input; a line may also be a JSON object with \
            text and text_pair, or with input_ids (and token_type_ids, attention_mask). Question-answering models read \
            question and context, or input_ids, and print JSON with the logits of start and end; troupe answer decodes them.

            Examples:
              troupe predict --model runs/sst-2/model "a gripping, funny film"
              troupe predict --model runs/mrpc/model --input pairs.jsonl --json
            """)

    @Option(name: .long, help: ArgumentHelp("The model directory.", valueName: "dir"))
    var model: String

    @Option(name: .long, help: ArgumentHelp("File of lines to read.", valueName: "file"))
    var input: String?

    @Flag(name: .long, help: "Print one JSON object per text: logits, label, probabilities.")
    var json = false

    @Argument(help: ArgumentHelp("Texts.", valueName: "text"))
    var texts: [String] = []

    func run() async throws {
        try await reportingErrors {
            let context = ComputeContext(threads: ProcessInfo.processInfo.activeProcessorCount)
            let text = try ModelText(directory: model, in: context)
            let kind = text.model.head
            if kind == .questionAnswering { return try predictSpans(text) }
            guard case .sequenceClassification(let count) = kind else {
                throw CommandError(
                    .badData, "\(model): expected a sequence classifier, got a model with head \(kind)")
            }
            let task = text.model.configuration.encoder.task
            let labels = task.labels ?? (0..<count).map { "LABEL_\($0)" }
            try InputLine.forEach(texts, input: input) { line in
                let input = try text.input(try text.tokens(line))
                let logits = Tensor.withoutGradient { text.model.sequenceLogits(input) }.doubles()
                try show(line, logits, labels, task.problemType)
            }
        }
    }

    private func show(
        _ line: InputLine, _ logits: [Double], _ labels: [String], _ problem: TaskSettings.ProblemType?
    ) throws {
        var object: [String: Any] = ["logits": logits]
        let shown: String
        switch problem {
        case .regression:
            shown = String(format: "%.4f", logits[0])
        case .multiLabelClassification:
            let probabilities = logits.map(Prediction.sigmoid)
            let chosen = labels.indices.filter { probabilities[$0] > 0.5 }
            object["label"] = chosen.map { labels[$0] }
            object["probabilities"] = probabilities
            shown = chosen.map { String(format: "%@ (%.3f)", labels[$0], probabilities[$0]) }.joined(separator: ", ")
        case .singleLabelClassification, nil:
            let (probabilities, best) = (Prediction.softmax(logits), Prediction.best(logits))
            object["label"] = labels[best]
            object["probabilities"] = probabilities
            shown = String(format: "%@ (%.3f)", labels[best], probabilities[best])
        }
        if json {
            try printJSON(object)
        } else {
            print("\(shown)\t\(line.text)")
        }
    }
}
