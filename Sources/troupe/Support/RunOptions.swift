import Algorithms
import ArgumentParser
import Foundation

/// What `troupe pretrain` and `troupe coordinator` both need to know of a run.
struct RunOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The run file (YAML).", valueName: "file"))
    var config: String

    @Option(name: .long, help: ArgumentHelp("Folder that receives logs, checkpoints and the model.", valueName: "dir"))
    var runDir: String

    @Option(name: .long, help: ArgumentHelp("Number of worker processes.", valueName: "n"))
    var workers: Int = 2

    @Flag(
        name: .long, help: "Continue from the newest checkpoint of the run directory; begin a new run if it holds none."
    )
    var resume = false

    @Option(
        name: .long,
        help: ArgumentHelp("Continue from this checkpoint instead, e.g. step-00000200.", valueName: "checkpoint"))
    var resumeFrom: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Override a key of the run file, e.g. --set optimizer.learning_rate=0.001.", valueName: "k=v"))
    var overrides: [String] = []

    func validate() throws {
        guard (1...4096).contains(workers) else {
            throw ValidationError("--workers is \(workers), expected 1 to 4096")
        }
    }

    /// Whether a run that is there already shall be continued.
    var isResuming: Bool { resume || resumeFrom != nil }

    /// Reads, overrides and validates the run file.
    func configuration() throws -> RunConfiguration {
        try RunConfiguration.load(path: config, overrides: overrides)
    }

    /// The same options as command-line arguments of another process.
    var arguments: [String] {
        ["--config", config, "--run-dir", runDir, "--workers", String(workers)]
            + (resume ? ["--resume"] : []) + (resumeFrom.map { ["--resume-from", $0] } ?? [])
            + overrides.flatMap { ["--set", $0] }
    }
}
