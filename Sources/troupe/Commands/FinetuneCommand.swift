import Algorithms
import ArgumentParser
import Foundation
import Text

/// `troupe finetune`: trains a pretrained model for a task, on this machine, as a cluster of processes.
struct FinetuneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finetune",
        abstract: "Fine-tune a pretrained encoder on a labelled task.",
        discussion: """
            Starts one coordinator and N workers as child processes, evaluates after every epoch, and writes the weights \
            of the best evaluation to RUN/model, a directory that Hugging Face transformers opens. Named tasks know \
            their files, columns and metrics (--task help lists them); user data come as jsonl, tsv or csv.

            Ctrl-C (or SIGTERM) finishes the step, saves a checkpoint and exits with 75; the same command with --resume \
            continues.

            Examples:
              troupe finetune --task mrpc --model bert-base-uncased --data glue/MRPC --run-dir runs/mrpc
              troupe finetune --task squad --model bert-base-uncased --data squad --epochs 2 --learning-rate 3e-5 \
            --batch-size 12 --run-dir runs/squad
              troupe finetune --task classification --model runs/demo/model --data train.jsonl --dev-file dev.jsonl \
            --run-dir runs/own
            """)

    @Option(name: .long, help: "The task; 'help' lists them.")
    var task: String

    @Option(name: .long, help: ArgumentHelp("The model directory to start from.", valueName: "dir"))
    var model: String = ""

    @Option(name: .long, help: ArgumentHelp("The task's folder, or the training file.", valueName: "path"))
    var data: String = ""

    @Option(name: .long, help: ArgumentHelp("The training file, where it is not the task's own.", valueName: "file"))
    var trainFile: String?

    @Option(name: .long, help: ArgumentHelp("The file to evaluate.", valueName: "file"))
    var devFile: String?

    @Option(
        name: .long, help: ArgumentHelp("Share of the training file to evaluate instead of a file.", valueName: "x"))
    var devShare: Double?

    @Option(name: .long, help: ArgumentHelp("Column or JSON key of the text, of user data.", valueName: "name"))
    var textColumn: String?

    @Option(name: .long, help: ArgumentHelp("Column or JSON key of a second text.", valueName: "name"))
    var pairColumn: String?

    @Option(name: .long, help: ArgumentHelp("Column or JSON key of the label.", valueName: "name"))
    var labelColumn: String?

    @Option(name: .long, help: ArgumentHelp("Passes over the training data.", valueName: "n"))
    var epochs = 3

    @Option(name: .long, help: ArgumentHelp("Samples of a step.", valueName: "n"))
    var batchSize = 32

    @Option(name: .long, help: ArgumentHelp("The peak learning rate.", valueName: "x"))
    var learningRate = 2e-5

    @Option(name: .long, help: ArgumentHelp("Share of the steps over which the rate grows from 0.", valueName: "x"))
    var warmupRatio = 0.1

    @Option(
        name: .long,
        help: ArgumentHelp("Tokens of an input at most (default: 128; question answering 384).", valueName: "n"))
    var maxLength: Int?

    @Option(name: .long, help: "Arithmetic of matrices and activations.")
    var precision = RunConfiguration.Precision.fp32

    @Option(name: .long, help: ArgumentHelp("The seed of the head, of dropout and of the order.", valueName: "n"))
    var seed: UInt64 = 42

    @Option(name: .long, help: ArgumentHelp("Folder that receives logs, checkpoints and the model.", valueName: "dir"))
    var runDir: String = ""

    @Option(name: .long, help: ArgumentHelp("Number of worker processes.", valueName: "n"))
    var workers = 2

    @Option(name: .long, help: ArgumentHelp("Compute threads per worker (default: cores / workers).", valueName: "n"))
    var threads: Int?

    @Flag(name: .long, help: "Continue from the newest checkpoint of the run directory.")
    var resume = false

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Set a key of the run file, e.g. --set optimizer.freeze=[bert.embeddings].", valueName: "k=v"))
    var overrides: [String] = []

    func validate() throws {
        try requireOption("workers", workers, in: 1...4096)
        try requireOption("epochs", epochs, in: 1...100_000)
        try requireOption("batch-size", batchSize, in: 1...(1 << 20))
        if let threads { try requireOption("threads", threads, in: 1...1024) }
        guard task != "help" else { return }
        for (name, value) in [("model", model), ("data", data), ("run-dir", runDir)] where value.isEmpty {
            throw ValidationError("--\(name) must be given")
        }
        guard (0..<1).contains(warmupRatio) else {
            throw ValidationError("--warmup-ratio is \(warmupRatio), expected at least 0 and below 1")
        }
    }

    func run() async throws {
        if task == "help" {
            print(fineTuningTaskNames().joined(separator: "\n"))
            return
        }
        try await reportingErrors {
            let file = FileManager.default.temporaryDirectory.appending(path: "troupe-finetune-\(getpid()).yaml")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(try runFile().utf8).write(to: file, options: .atomic)
            var arguments = ["--config", file.path, "--run-dir", runDir, "--workers", String(workers)]
            if resume { arguments.append("--resume") }
            let share = max(1, ProcessInfo.processInfo.activeProcessorCount / workers)
            let code = try await LocalCluster(
                workers: workers, threadsPerWorker: threads ?? share, pins: false, coordinatorArguments: arguments,
                listen: nil
            ).run()
            if code != ExitStatus.done.rawValue { throw ExitCode(code) }
        }
    }

    /// The length that is usual for the kind of task.
    private var defaultLength: Int {
        (try? TaskDescription.named(task).kind) == .questionAnswering ? QuestionWindowing().maximumLength : 128
    }

    /// The whole run file: the options, the keys that were set, and the number of steps, which the data decide.
    private func runFile() throws -> String {
        let microbatch = (1...min(batchSize, 16)).last { batchSize.isMultiple(of: $0) } ?? 1
        let settings = [
            "seed": String(seed), "precision": precision.rawValue, "program": "finetuning",
            "model.directory": quoted(model), "task.name": quoted(task), "task.data": quoted(data),
            "task.train_file": trainFile.map(quoted), "task.development_file": devFile.map(quoted),
            "task.development_share": devShare.map { String($0) }, "task.text_column": textColumn.map(quoted),
            "task.pair_column": pairColumn.map(quoted), "task.label_column": labelColumn.map(quoted),
            "task.max_sequence_length": String(maxLength ?? defaultLength),
            "batch.global_batch_size": String(batchSize),
            "batch.microbatch_size": String(microbatch), "optimizer.name": "adamw", "optimizer.form": "torch",
            "optimizer.learning_rate": String(learningRate), "optimizer.epsilon": "1e-8",
            "optimizer.gradient_clip.form": "torch", "schedule.name": "linear", "schedule.warmup_steps": "0",
            "evaluation.batch_size": "32",
        ].compactMap { key, value in value.map { "\(key)=\($0)" } }.sorted()
        let draft = try RunConfiguration.parse(yaml: "{}", file: "the options", overrides: settings + overrides)
        let samples = try fineTuningSampleCount(draft)
        let perEpoch = (samples + draft.batch.globalBatchSize - 1) / draft.batch.globalBatchSize
        let steps = epochs * perEpoch
        let lengths = [
            "training.steps=\(steps)", "schedule.warmup_steps=\(Int(warmupRatio * Double(steps)))",
            "evaluation.interval_steps=\(perEpoch)", "checkpoint.interval_steps=\(perEpoch)", "checkpoint.keep=1",
        ]
        return try RunConfiguration.parse(yaml: "{}", file: "the options", overrides: settings + lengths + overrides)
            .resolvedYAML()
    }

    /// A text as YAML, whatever is in it.
    private func quoted(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        return "\"\(escaped)\""
    }
}
