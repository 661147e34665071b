import Algorithms
import ArgumentParser
import Foundation
import Models
import Tensor

/// `troupe predict`: what a fine-tuned classifier says of texts, or of a part of a task's data.
struct PredictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Classify texts, words or answers with a fine-tuned model.",
        discussion: """
            Texts come as arguments, or one per line from --input or standard input; a line may also be a JSON object with \
            text and text_pair, with tokens (the words of a sentence, for models that label words), with context, question \
            and options (for models that choose answers), or with input_ids (and token_type_ids, attention_mask). Question-answering models \
            read question and context, or input_ids, and print the logits of start and end; troupe answer decodes them.

            With --task, a part of a task's data is read instead, and files of predictions are written: one by --output, \
            or by --output-dir those of the original programs and of the GLUE site, those of mnli-mm and ax beside those \
            of mnli where their data are there.

            A model whose files lack parameters, such as the classifier, is refused with their names.

            Examples:
              troupe predict --model runs/sst-2/model "a gripping, funny film"
              troupe predict --model runs/mrpc/model --input pairs.jsonl --json
              troupe predict --model runs/ner/model '{"tokens": ["Angela", "lives", "in", "Berlin", "."]}'
              troupe predict --model runs/race/model '{"context": "...", "question": "...", "options": ["yes", "no"]}'
              troupe predict --model runs/mnli/model --task mnli --data glue/MNLI --output-dir submission
            """)

    @Option(name: .long, help: ArgumentHelp("The model directory.", valueName: "dir"))
    var model: String

    @Option(name: .long, help: ArgumentHelp("File of lines to read.", valueName: "file"))
    var input: String?

    @Flag(name: .long, help: "Print one JSON object per text: logits, label, probabilities.")
    var json = false

    @Flag(name: .long, help: "Use a model although its files lack parameters, which are random then.")
    var allowMissing = false

    @OptionGroup(title: "A part of a task's data") var taskOptions: TaskDataOptions

    @Option(name: .long, help: ArgumentHelp("The part: train, dev or test.", valueName: "part"))
    var split = "test"

    @Option(name: .long, help: ArgumentHelp("The file of predictions.", valueName: "file"))
    var output: String?

    @Option(name: .long, help: ArgumentHelp("Folder for all files of predictions.", valueName: "dir"))
    var outputDir: String?

    @Argument(help: ArgumentHelp("Texts.", valueName: "text"))
    var texts: [String] = []

    func validate() throws {
        guard taskOptions.task != nil else {
            if output != nil || outputDir != nil { throw ValidationError("--output and --output-dir need --task") }
            return
        }
        try taskOptions.requireData()
        guard output != nil || outputDir != nil else {
            throw ValidationError("--task needs --output FILE or --output-dir DIR")
        }
        guard texts.isEmpty, input == nil else { throw ValidationError("--task reads its own data, not texts") }
    }

    func run() async throws {
        try await reportingErrors {
            let context = ComputeContext(threads: ProcessInfo.processInfo.activeProcessorCount)
            if taskOptions.task != nil {
                let run = TaskDataRun(
                    taskOptions, model: model, split: try taskSplit(split), allowMissing: allowMissing)
                try run.predict(output: output, folder: outputDir, in: context)
            } else {
                try predictLines(in: context)
            }
        }
    }

    private func predictLines(in context: ComputeContext) throws {
        let configuration = try ModelDirectory.configuration(in: model)
        let text = try ModelText(
            directory: model, head: Self.head(of: configuration), tolerating: allowMissing ? .anything : .nothing,
            in: context)
        let task = configuration.encoder.task
        if text.model.head == .questionAnswering { return try predictSpans(text) }
        try InputLine.forEach(texts, input: input) { line in
            switch text.model.head {
            case .tokenClassification(let count):
                try predictWords(line, text, labels: labels(task, count), json: json)
            case .multipleChoice: try predictChoice(line, text, json: json)
            case .sequenceClassification(let count), .firstTokenClassification(let count):
                guard line.words == nil, line.options == nil else {
                    throw CommandError(
                        .badData, "\(model) classifies texts: expected the key text, not tokens or options")
                }
                let input = try text.input(try text.tokens(line))
                let logits = Tensor.withoutGradient { text.model.sequenceLogits(input) }.doubles()
                try show(line, logits, labels(task, count), task.problemType)
            default: throw CommandError(.internal, "a model with head \(text.model.head) was loaded")
            }
        }
    }

    /// The head the model was saved with, if it is one that predicts; else that of a classifier, which loading then finds
    /// to be lacking.
    private static func head(of configuration: ModelConfiguration) -> ModelHead {
        if let head = configuration.savedHead, head.isClassifier { return head }
        return .sequenceClassification(labels: configuration.encoder.task.labels?.count ?? 2)
    }

    private func labels(_ task: TaskSettings, _ count: Int) -> [String] {
        task.labels ?? (0..<count).map { "LABEL_\($0)" }
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
            object["labels"] = labels
            shown = chosen.map { String(format: "%@ (%.3f)", labels[$0], probabilities[$0]) }.joined(separator: ", ")
        case .singleLabelClassification, nil:
            let (probabilities, best) = (Prediction.softmax(logits), Prediction.best(logits))
            object["label"] = labels[best]
            object["probabilities"] = probabilities
            object["labels"] = labels
            shown = String(format: "%@ (%.3f)", labels[best], probabilities[best])
        }
        if json {
            try printJSON(object)
        } else {
            print("\(shown)\t\(line.text)")
        }
    }
}

extension ModelHead {
    /// Whether `predict` knows what to do with its outputs.
    fileprivate var isClassifier: Bool {
        switch self {
        case .sequenceClassification, .firstTokenClassification, .tokenClassification, .multipleChoice,
            .questionAnswering:
            true
        case .pretraining, .maskedLM, .none: false
        }
    }
}
