import Foundation

/// A cluster simulated on one machine: one coordinator process and several worker processes as children of this one.
struct LocalCluster {
    /// Worker processes.
    let workers: Int
    /// Compute threads of each worker.
    let threadsPerWorker: Int
    /// Whether each compute thread is bound to a CPU of its own.
    let pins: Bool
    /// Arguments of `troupe coordinator` that describe the run.
    let coordinatorArguments: [String]
    /// Where the coordinator listens; nil for a socket file of our own.
    let listen: String?

    /// Starts the processes, waits for the run to end, and returns the coordinator's exit code.
    ///
    /// SIGTERM and SIGINT are passed to the coordinator, which ends the run after the step it is in.
    /// - Throws: `CommandError` when a process cannot be started.
    func run() async throws -> Int32 {
        let folder = FileManager.default.temporaryDirectory.appending(path: "troupe-\(getpid())")
        // A process of the same number may have been killed here and have left its files.
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let endpoint = listen ?? "ipc://\(folder.path)/coordinator"
        let ready = folder.appending(path: "ready")
        let parent = ["--parent", String(getpid())]

        let coordinator = try await ChildProcess.start(
            name: "coordinator",
            arguments: ["coordinator", "--listen", endpoint, "--ready-file", ready.path]
                + coordinatorArguments + parent)
        let trap = SignalTrap { _ in coordinator.send(SIGTERM) }
        defer { trap.cancel() }
        // The coordinator checks the run before anybody else starts, so that bad input is told once.
        while !FileManager.default.fileExists(atPath: ready.path) {
            if coordinator.hasEnded { return await coordinator.exitCode() }
            try await Task.sleep(for: .milliseconds(10))
        }
        let address = try String(contentsOf: ready, encoding: .utf8)
        var children: [ChildProcess] = []
        for rank in 0..<workers {
            var arguments = [
                "worker", "--coordinator", address, "--rank", String(rank), "--threads", String(threadsPerWorker),
                "--data-endpoint", "ipc://\(folder.path)/data-\(rank)",
                "--control-endpoint", "ipc://\(folder.path)/worker-\(rank)",
            ]
            if pins { arguments += ["--pin-from", String(rank * threadsPerWorker)] }
            children.append(try await ChildProcess.start(name: "worker-\(rank)", arguments: arguments + parent))
        }
        let code = await coordinator.exitCode()
        for child in children where !(await child.hasEnded(within: .seconds(5))) {
            child.send(SIGKILL)
        }
        guard code < 128 else {
            throw CommandError(
                .unavailable,
                "the coordinator (process \(coordinator.processID)) was ended by signal \(code - 128); "
                    + "continue with --resume")
        }
        return code
    }
}
