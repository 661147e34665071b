import Algorithms
import ArgumentParser
import Foundation

/// `troupe pretrain`: a whole training run on this machine, as a cluster of processes.
struct PretrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain",
        abstract: "Pretrain an encoder on this machine with a cluster of worker processes.",
        discussion: """
            Starts one coordinator and N workers as child processes. Ctrl-C (or SIGTERM) finishes the step, saves a \
            checkpoint and exits with 75; the same command with --resume continues.

            Example:
              troupe pretrain --config configs/demo.yaml --workers 2 --run-dir runs/demo
            """)

    @OptionGroup var options: RunOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Compute threads per worker (default: the run file's threads, or cores / workers).", valueName: "n"))
    var threads: Int?

    @Flag(name: .long, help: "Bind every compute thread to a CPU of its own.")
    var pin = false

    @Option(
        name: .long, help: ArgumentHelp("Endpoint of the coordinator (default: a socket file).", valueName: "endpoint"))
    var listen: String?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads is \(threads), expected at least 1") }
    }

    func run() async throws {
        try await reportingErrors {
            let configured = try options.configuration().threads
            let share = max(1, ProcessInfo.processInfo.activeProcessorCount / options.workers)
            let cluster = LocalCluster(
                workers: options.workers, threadsPerWorker: threads ?? (configured > 0 ? configured : share), pins: pin,
                coordinatorArguments: options.arguments, listen: listen)
            let code = try await cluster.run()
            if code != ExitStatus.done.rawValue { throw ExitCode(code) }
        }
    }
}
