import Algorithms
import ArgumentParser
import ControlPlane
import Coordinator
import Foundation
import Transport
import Worker

/// `troupe coordinator`: the process that gathers workers and keeps the books of a run.
struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Coordinate a run: gather workers, give out ranks, record, notice who is lost.",
        discussion: """
            Checks run file, data and run directory, then waits for --workers workers at --listen. On many machines start \
            this once and `troupe worker` on every node. Endpoints are not encrypted: use a trusted network.

            Example:
              troupe coordinator --listen tcp://10.0.0.1:5555 --workers 16 --config configs/albert-base.yaml --run-dir runs/a
            """)

    @OptionGroup var options: RunOptions

    @Option(
        name: .long, help: ArgumentHelp("Endpoint for the workers, e.g. tcp://10.0.0.1:5555.", valueName: "endpoint"))
    var listen: String

    @Option(name: .long, help: .hidden)
    var readyFile: String?

    @Option(name: .long, help: .hidden)
    var parent: Int32?

    func run() async throws {
        try await reportingErrors {
            if let parent { ParentProcess.follow(parent) }
            let started = ContinuousClock.now
            let configuration = try options.configuration()
            try checkTrainingInputs(configuration)
            let transport = ZeroMQTransport()
            let address = try transport.bind(listen)
            let directory = try RunDirectory.open(
                options.runDir, configuration: configuration.resolvedYAML(), resuming: options.isResuming,
                mustExist: options.resumeFrom != nil
            ) { try difference(of: $0, to: configuration) }
            if directory.isResumed, options.resumeFrom == nil,
                let lines = try RunConclusion.finishedBefore(directory, configuration)
            {
                print(lines.joined(separator: "\n"))
                return
            }
            let step = directory.isResumed ? try resumeStep(directory, keep: configuration.checkpoint.keep) : nil
            let run = RunDescription(
                configuration: configuration, resumeStep: step, worldSize: options.workers,
                runDirectory: URL(filePath: directory.path).path)
            let recorder = try RunRecorder(
                directory: directory, resumingAfter: directory.isResumed ? step ?? 0 : nil, time: Date(),
                hostName: ProcessInfo.processInfo.hostName, processID: Int(getpid()))
            let progress = ProgressPrinter(output: .standardError)
            let chronicle = RunChronicle(run, recorder: recorder, progress: progress)
            try chronicle.event(
                step == nil ? "run_started" : "run_resumed", processID: Int(getpid()), step: step ?? 0,
                details: ["workers": String(options.workers), "endpoint": address])

            let system = ClusterSystem(transport: transport)
            let coordinator = RunCoordinator(run, system: system, chronicle: chronicle)
            let trap = SignalTrap { _ in Task { await coordinator.requestStop() } }
            defer { trap.cancel() }
            if let readyFile { try Data(address.utf8).write(to: URL(filePath: readyFile), options: .atomic) }
            let (ending, members) = try await coordinator.serve()
            await system.shutdown()
            chronicle.finish()
            // Before anything is written, lest a full disk hide why the run ended.
            if case .failed(let reason) = ending {
                FileHandle.standardError.write(Data("error: \(reason)\n".utf8))
            }
            try chronicle.event("run_ended", step: members.map(\.step).max(), details: ending.details)
            let (lines, exitCode) = try RunConclusion(run, directory: directory).write(
                ending, members: members, wallSeconds: started.duration(to: .now).inSeconds)
            let text = Data(lines.map { "\($0)\n" }.joined().utf8)
            (exitCode == 0 ? FileHandle.standardOutput : .standardError).write(text)
            if exitCode != 0 { throw ExitCode(exitCode) }
        }
    }

    /// The keys on which a run directory's configuration and this one differ; nil if one may continue the other.
    private func difference(of present: String, to configuration: RunConfiguration) throws -> String? {
        let other = try RunConfiguration.parse(yaml: present, file: "\(options.runDir)/config.yaml")
        let differences = configuration.differences(to: other)
        guard !differences.isEmpty else { return nil }
        return differences.map(\.description).joined(separator: "; ")
    }

    /// The checkpoint to continue from: the one asked for, or the newest; nil when there is none yet.
    ///
    /// A newest one that is damaged is an error, not a reason to silently go back: the user decides.
    private func resumeStep(_ directory: RunDirectory, keep: Int) throws -> Int? {
        let store = DirectoryCheckpointStore(directory: directory.checkpointsPath, keep: keep)
        if let name = options.resumeFrom {
            guard let step = Int(name.replacing("step-", with: "")), try store.steps().contains(step) else {
                let names = try store.steps().map { DirectoryCheckpointStore.name(step: $0) }
                throw CommandError(
                    .badData,
                    "\(directory.checkpointsPath) has no checkpoint '\(name)'; it has "
                        + (names.isEmpty ? "none" : names.joined(separator: ", ")))
            }
            _ = try store.load(step: step)
            return step
        }
        let search = try store.latestValid()
        guard let problem = search.problems.first else { return search.checkpoint?.state.step }
        let offer =
            search.checkpoint.map {
                let name = DirectoryCheckpointStore.name(step: $0.state.step)
                return "the previous checkpoint is whole: continue with --resume-from \(name)"
            } ?? "no other checkpoint is whole"
        throw CommandError(.badData, "\(problem); \(offer)")
    }
}
