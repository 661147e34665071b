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
              troupe finetune --task rte --recipe albert-glue --model albert-base-v2 --data glue/RTE --run-dir runs/rte
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

    @OptionGroup var columns: ColumnOptions

    @OptionGroup var recipeOptions: RecipeOptions

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
        if let threads { try requireOption("threads", threads, in: 1...1024) }
        guard task != "help", recipeOptions.recipe != "help" else { return }
        for (name, value) in [("model", model), ("data", data), ("run-dir", runDir)] where value.isEmpty {
            throw ValidationError("--\(name) must be given")
        }
    }

    func run() async throws {
        if recipeOptions.recipe == "help" {
            for (name, source) in Recipe.list { print("\(name): \(source)") }
            return
        }
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

    /// A recipe's keys; those of its own optimizer only if no other was asked for.
    private func optimizer(_ keys: [String]) -> [String] {
        guard let name = overrides.last(where: { $0.hasPrefix("optimizer.name=") }), !keys.contains(name) else {
            return keys
        }
        return keys.filter { !$0.hasPrefix("optimizer.form=") && !$0.hasPrefix("optimizer.epsilon=") }
    }

    /// The whole run file: the options, the keys that were set, and the number of steps, which the data decide.
    private func runFile() throws -> String {
        let description = try TaskDescription.named(task)
        let choice = try recipeOptions.choice(for: description, model: model)
        // At least two shards, so that two workers have something to do. A question of several answers is several
        // sequences.
        let largest = description.kind == .multipleChoice ? 4 : 16
        let microbatch =
            (1...max(1, min(choice.batchSize / 2, largest))).last { choice.batchSize.isMultiple(of: $0) } ?? 1
        let settings = [
            "seed": String(seed), "precision": precision.rawValue, "program": "finetuning",
            "model.directory": quotedYAML(model), "task.name": quotedYAML(task), "task.data": quotedYAML(data),
            "task.train_file": trainFile.map(quotedYAML), "task.development_file": devFile.map(quotedYAML),
            "task.development_share": devShare.map { String($0) },
            "task.text_column": columns.textColumn.map(quotedYAML),
            "task.pair_column": columns.pairColumn.map(quotedYAML),
            "task.label_column": columns.labelColumn.map(quotedYAML),
            "task.max_sequence_length": String(choice.maxLength), "batch.global_batch_size": String(choice.batchSize),
            "batch.microbatch_size": String(microbatch), "optimizer.learning_rate": String(choice.learningRate),
            "schedule.warmup_steps": "0", "evaluation.batch_size": String(2 * largest),
            "task.hidden_dropout_prob": choice.encoderDropout.map { String($0) },
            "task.attention_probs_dropout_prob": choice.encoderDropout.map { String($0) },
            "task.classifier_dropout_prob": choice.headDropout.map { String($0) },
        ].compactMap { key, value in value.map { "\(key)=\($0)" } }.sorted()
        // The form of the optimizer comes first, because it changes what other keys may be.
        let drafted = optimizer(choice.overrides) + settings
        let draft = try RunConfiguration.parse(yaml: "{}", file: "the options", overrides: drafted + overrides)
        let outlook = try FineTuningOutlook(draft)
        if !outlook.newlyInitialized.isEmpty, !resume {
            warn(
                "\(model) lacks \(outlook.newlyInitialized.joined(separator: ", ")): newly initialized, to be trained")
        }
        let perEpoch = (outlook.samples + draft.batch.globalBatchSize - 1) / draft.batch.globalBatchSize
        let lengths = choice.lengths(perEpoch: perEpoch)
        return try RunConfiguration.parse(yaml: "{}", file: "the options", overrides: drafted + lengths + overrides)
            .resolvedYAML()
    }
}
