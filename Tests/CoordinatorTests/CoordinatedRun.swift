import Algorithms
import ControlPlane
import Coordinator
import Foundation
import Synchronization
import Transport

/// A coordinator in this process, over a network in this process, with a run directory that goes away with it.
final class CoordinatedRun: Sendable {
    let folder: String
    let directory: RunDirectory
    let description: RunDescription
    let coordinator: RunCoordinator
    let address: String
    private let network = InProcessNetwork()
    private let system: ClusterSystem

    init(worldSize: Int, heartbeatTimeoutSeconds: Double = 30) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "coordinated-\(UUID().uuidString)")
            .path(percentEncoded: false)
        var configuration = RunConfiguration()
        configuration.cluster.heartbeatTimeoutSeconds = heartbeatTimeoutSeconds
        configuration.cluster.heartbeatIntervalSeconds = heartbeatTimeoutSeconds / 10
        configuration.training.steps = 10
        directory = try RunDirectory.open(
            folder, configuration: configuration.resolvedYAML(), resuming: false
        ) { _ in nil }
        description = RunDescription(
            configuration: configuration, resumeStep: 4, worldSize: worldSize, runDirectory: folder)
        let recorder = try RunRecorder(directory: directory, time: Date(), hostName: "test", processID: 1)
        let silent = ProgressPrinter.Output(isTerminal: false, width: { 80 }, write: { _ in })
        let transport = network.makeTransport()
        address = try transport.bind("local://*")
        system = ClusterSystem(transport: transport)
        coordinator = RunCoordinator(
            description, system: system,
            chronicle: RunChronicle(description, recorder: recorder, progress: ProgressPrinter(output: silent)))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A worker process of this network.
    func makeWorker(_ number: Int) throws -> ScriptedWorker {
        let transport = network.makeTransport()
        _ = try transport.bind("local://*")
        return try ScriptedWorker(number: number, system: ClusterSystem(transport: transport), coordinator: address)
    }

    /// Workers that have joined and have their plans.
    func gather(_ count: Int) async throws -> [ScriptedWorker] {
        var workers: [ScriptedWorker] = []
        for number in 0..<count {
            let worker = try makeWorker(number)
            _ = try await worker.join()
            workers.append(worker)
        }
        for worker in workers { _ = try await worker.awaitPlan() }
        return workers
    }

    /// The names of the events written so far.
    func events() throws -> [LoggedEvent] { try EventLog.read(path: directory.eventsPath) }

    func shutdown(_ workers: [ScriptedWorker] = []) async {
        for worker in workers { await worker.leave() }
        await system.shutdown(flush: .zero)
    }
}

/// A worker that says what a test lets it say.
final class ScriptedWorker: WorkerService {
    private struct State {
        var plan: RunPlan?
        var stopRequested = false
        var aborts: [String] = []
    }

    let node: NodeID
    private let number: Int
    private let system: ClusterSystem
    private let coordinator: CoordinatorEndpoint
    private let state = Mutex(State())

    init(number: Int, system: ClusterSystem, coordinator: String) throws {
        self.number = number
        self.system = system
        node = NodeID(address: system.address, incarnation: UInt64(number + 1))
        self.coordinator = try CoordinatorEndpoint.at(coordinator, using: system)
        _ = WorkerEndpoint(service: self, actorSystem: system)
    }

    var plan: RunPlan? { state.withLock { $0.plan } }
    var aborts: [String] { state.withLock { $0.aborts } }

    func start(_ plan: RunPlan) { state.withLock { $0.plan = plan } }
    func requestStop() { state.withLock { $0.stopRequested = true } }
    func abort(_ reason: String) { state.withLock { $0.aborts.append(reason) } }

    func join(protocolVersion: Int? = nil) async throws -> JoinReply {
        var request = JoinRequest(
            nodeID: node, processID: 100 + number, hostName: "host-\(number)", dataEndpoint: "local://data-\(number)",
            threads: 1, requestedRank: number)
        if let protocolVersion { request.protocolVersion = protocolVersion }
        return try await coordinator.join(request)
    }

    /// The plan, once it has come.
    func awaitPlan() async throws -> RunPlan {
        while true {
            if let plan {
                system.enter(runID: plan.runID, generation: plan.generation)
                return plan
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    func beat(step: Int = 0) async throws -> HeartbeatReply.Directive {
        try await coordinator.heartbeat(
            Heartbeat(nodeID: node, rank: number, generation: 1, step: step, phase: "training")
        ).directive
    }

    /// Beats until it is told to end; returns the reason.
    func beatUntilAborted() async throws -> String {
        while true {
            if case .abort(let reason) = try await beat() { return reason }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func report(step: Int) async throws {
        try await coordinator.report(
            StepReport(rank: number, generation: 1, step: step, values: ["loss": 1.5, "seconds": 0.25]))
    }

    func finish(
        _ status: RankOutcome.Status, step: Int = 10, message: String = "", exitCode: Int = 0, weights: String = "aa"
    ) async throws {
        try await coordinator.finished(
            RankOutcome(
                rank: number, generation: 1, step: step, status: status, message: message, exitCode: exitCode,
                values: [:], digests: status == .failed ? [:] : ["weights_sha256": weights]))
    }

    /// The process goes away.
    func leave() async { await system.shutdown(flush: .zero) }
}
