import ArgumentParser

/// `troupe model`: model directories and files of weights.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Look into models and convert them.",
        subcommands: [ModelInspectCommand.self, ModelConvertCommand.self])
}
