import ControlPlane
import Synchronization

/// A coordinator service that records what it is asked and answers as told.
final class ScriptedCoordinator: CoordinatorService {
    struct State {
        var requests: [JoinRequest] = []
        var reports: [StepReport] = []
        var directive = HeartbeatReply.Directive.none
    }

    let state = Mutex(State())
    /// Runs before every answer to `join`.
    let beforeJoin: @Sendable () async throws -> Void

    init(beforeJoin: @escaping @Sendable () async throws -> Void = {}) {
        self.beforeJoin = beforeJoin
    }

    func join(_ request: JoinRequest) async throws -> JoinReply {
        try await beforeJoin()
        state.withLock { $0.requests.append(request) }
        return JoinReply(accepted: true, message: "welcome \(request.hostName)")
    }

    func heartbeat(_ heartbeat: Heartbeat) async throws -> HeartbeatReply {
        HeartbeatReply(directive: state.withLock { $0.directive })
    }

    func report(_ report: StepReport) async throws {
        state.withLock { $0.reports.append(report) }
    }

    func event(_ event: RunEvent) async throws {}

    func finished(_ outcome: RankOutcome) async throws {}
}

/// A worker service that records the plans it is given.
final class ScriptedWorker: WorkerService {
    let plans = Mutex<[RunPlan]>([])
    let aborts = Mutex<[String]>([])

    func start(_ plan: RunPlan) async throws { plans.withLock { $0.append(plan) } }

    func requestStop() async throws {}

    func abort(_ reason: String) async throws { aborts.withLock { $0.append(reason) } }
}
