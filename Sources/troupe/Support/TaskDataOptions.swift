import ArgumentParser
import Text

/// Where the columns of users' data are.
struct ColumnOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Column or JSON key of the text, of user data.", valueName: "name"))
    var textColumn: String?

    @Option(name: .long, help: ArgumentHelp("Column or JSON key of a second text.", valueName: "name"))
    var pairColumn: String?

    @Option(name: .long, help: ArgumentHelp("Column or JSON key of the label.", valueName: "name"))
    var labelColumn: String?
}

/// Which part of which data a command reads that uses a trained model on a task.
struct TaskDataOptions: ParsableArguments {
    @Option(name: .long, help: "The task, as for finetune.")
    var task: String?

    @Option(
        name: .long, help: ArgumentHelp("The task's folder, or a file of the part that is read.", valueName: "path"))
    var data: String?

    @Option(name: .long, help: ArgumentHelp("The file, where it is not the task's own.", valueName: "file"))
    var file: String?

    @OptionGroup var columns: ColumnOptions

    @Option(name: .long, help: ArgumentHelp("Tokens of an input at most (default: the task's).", valueName: "n"))
    var maxLength: Int?

    @Option(name: .long, help: ArgumentHelp("Examples computed at a time.", valueName: "n"))
    var evalBatchSize = 32

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Set a key of the run file, e.g. --set task.levels=[high].", valueName: "k=v"))
    var overrides: [String] = []

    /// Throws where the data are not named.
    func requireData() throws {
        guard task != nil else { throw ValidationError("--task must be given") }
        guard data != nil else { throw ValidationError("--data must be given") }
        try requireOption("eval-batch-size", evalBatchSize, in: 1...(1 << 20))
    }
}

/// The part of the data that a word names: also by the names that Hugging Face has for the development data.
func taskSplit(_ name: String) throws -> DataSplit {
    let names: [String: DataSplit] = [
        "train": .train, "dev": .development, "development": .development, "validation": .development, "test": .test,
    ]
    guard let split = names[name.lowercased()] else {
        throw CommandError(
            .badData,
            "--split is '\(name)', expected train, dev or test\(NearestKey.hint(for: name, among: ["train", "dev", "test"]))"
        )
    }
    return split
}
