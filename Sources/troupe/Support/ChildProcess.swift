import Foundation
import Synchronization

/// One process of the local cluster: this executable with other arguments, output inherited.
final class ChildProcess: Sendable {
    /// What the process is called in messages: `coordinator`, `worker 3`.
    let name: String
    /// The operating system's number of the process.
    let processID: Int32
    private let ending = Mutex<Ending>(Ending())

    private struct Ending {
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    /// Starts `arguments` of this same executable.
    ///
    /// A child asks the kernel for a signal when its parent ends, and the kernel takes the *thread* that started it for
    /// the parent: so each child has a thread of ours that starts it and stays until it has ended.
    /// - Throws: Foundation's error when the process cannot be started.
    static func start(name: String, arguments: [String]) async throws -> ChildProcess {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                let process = Process()
                process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
                process.arguments = arguments
                process.standardInput = FileHandle.nullDevice
                do {
                    try process.run()
                } catch {
                    return continuation.resume(throwing: error)
                }
                let child = ChildProcess(name: name, processID: process.processIdentifier)
                continuation.resume(returning: child)
                process.waitUntilExit()
                // A process ended by a signal reports 128 + signal, as shells do.
                let status = process.terminationStatus
                child.finish(process.terminationReason == .exit ? status : 128 + status)
            }
            thread.name = "troupe-\(name)"
            thread.start()
        }
    }

    private init(name: String, processID: Int32) {
        self.name = name
        self.processID = processID
    }

    private func finish(_ status: Int32) {
        let waiters = ending.withLock {
            (state) -> [CheckedContinuation<Int32, Never>] in
            state.status = status
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    /// Whether the process has ended.
    var hasEnded: Bool { ending.withLock { $0.status != nil } }

    /// Waits for the process to end; 128 + signal if a signal ended it.
    func exitCode() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = ending.withLock {
                if $0.status == nil { $0.waiters.append(continuation) }
                return $0.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// Waits up to `limit` for the process to end. Returns whether it did.
    func hasEnded(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while !hasEnded && ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        return hasEnded
    }

    /// Sends a signal, unless the process has ended.
    func send(_ signal: Int32) {
        if !hasEnded { kill(processID, signal) }
    }
}
