import Algorithms
import ArgumentParser
import Foundation
import Models

/// `troupe model`: model directories.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Look into models.", subcommands: [Inspect.self])

    /// `troupe model inspect`
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the modules of a model, their shapes and parameter counts.",
            discussion: """
                Takes a model directory (config.json), or a run file with --config.

                Examples:
                  troupe model inspect runs/demo/model
                  troupe model inspect --config configs/albert-base.yaml
                """)

        @Argument(help: ArgumentHelp("A model directory.", valueName: "dir"))
        var directory: String?

        @Option(name: .long, help: ArgumentHelp("A run file whose model to show.", valueName: "file"))
        var config: String?

        @Flag(name: .long, help: "Print the tree as JSON.")
        var json = false

        func validate() throws {
            guard (directory == nil) != (config == nil) else {
                throw ValidationError("expected either a model directory or --config")
            }
        }

        func run() async throws {
            try await reportingErrors {
                let configuration =
                    if let directory { try ModelDirectory.configuration(in: directory) } else {
                        try RunConfiguration.load(path: config ?? "").model.configuration
                    }
                let summary = ModelSummary(configuration)
                print(json ? summary.json.text() : summary.text, terminator: json ? "\n" : "")
            }
        }
    }
}
