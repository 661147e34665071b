import Algorithms
import ArgumentParser
import Foundation
import Models

/// `troupe model inspect`: what a model consists of, and what its files hold.
struct ModelInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the modules of a model, their shapes and parameter counts, and its files.",
        discussion: """
            Takes a model directory, a file of weights of any format, or a run file with --config.

            Examples:
              troupe model inspect runs/demo/model
              troupe model inspect bert/pytorch_model.bin
              troupe model inspect --config configs/albert-base.yaml
            """)

    @Argument(help: ArgumentHelp("A model directory, or a file of weights.", valueName: "path"))
    var path: String?

    @Option(name: .long, help: ArgumentHelp("A run file whose model to show.", valueName: "file"))
    var config: String?

    @Flag(name: .long, help: "Print as JSON.")
    var json = false

    func validate() throws {
        guard (path == nil) != (config == nil) else {
            throw ValidationError("expected either a model directory or file, or --config")
        }
    }

    func run() async throws {
        try await reportingErrors {
            if let path {
                let isDirectory = (try? FileManager.default.contentsOfDirectory(atPath: path)) != nil
                try isDirectory ? inspectDirectory(path) : inspectFile(path)
            } else {
                show(ModelSummary(try RunConfiguration.load(path: config ?? "").model.configuration), nil, nil)
            }
        }
    }

    private func inspectDirectory(_ path: String) throws {
        let weights = try StateDictFiles.file(in: path).map { try StateDictFiles.open($0) }
        let configuration = try ModelDirectory.configuration(at: "\(path)/config.json", of: weights)
        let head = weights.map { configuration.head(of: $0) } ?? configuration.savedHead ?? .pretraining
        show(
            ModelSummary(configuration, head: head), weights.map(StateDictSummary.init),
            try weights.map { try ModelDirectory.report(of: $0, configuration, head: head) })
    }

    private func inspectFile(_ path: String) throws {
        let summary = StateDictSummary(try StateDictFiles.open(path))
        print(json ? summary.json.text() + "\n" : summary.text + summary.list, terminator: "")
    }

    private func show(_ model: ModelSummary, _ weights: StateDictSummary?, _ report: LoadReport?) {
        guard json else {
            print(model.text)
            let width = model.configuration.parameterCounts.map(\.name.count).max() ?? 0
            for (name, count) in model.configuration.parameterCounts {
                print("\(name.padding(toLength: width, withPad: " ", startingAt: 0))  \(ModelSummary.grouped(count))")
            }
            if let weights, let report { print("\n" + weights.text + report.text, terminator: "") }
            return
        }
        guard case .object(var members) = model.json else { return }
        members["weights"] = weights?.json
        members["match"] = report?.json
        print(JSONValue.object(members).text())
    }
}
