import Algorithms
import ControlPlane
import Synchronization
import Testing
import Transport
import Worker

/// A worker process against a coordinator that a test plays.
@Suite(.timeLimit(.minutes(1))) struct WorkerNodeTests {
    /// Answers as told and remembers how ranks ended.
    private final class ScriptedCoordinator: CoordinatorService {
        let accepts: Bool
        let joined = Mutex<[JoinRequest]>([])
        let outcomes = Mutex<[RankOutcome]>([])

        init(accepts: Bool) { self.accepts = accepts }

        func join(_ request: JoinRequest) -> JoinReply {
            joined.withLock { $0.append(request) }
            return JoinReply(accepted: accepts, message: accepts ? "welcome" : "all places are taken")
        }

        func heartbeat(_ heartbeat: Heartbeat) -> HeartbeatReply { HeartbeatReply(directive: .none) }
        func report(_ report: StepReport) {}
        func event(_ event: RunEvent) {}
        func finished(_ outcome: RankOutcome) { outcomes.withLock { $0.append(outcome) } }
    }

    private struct Stage {
        let service: ScriptedCoordinator
        let coordinator: ClusterSystem
        let worker: ClusterSystem
        let node: WorkerNode

        init(accepts: Bool, rendezvousTimeout: Duration = .seconds(40)) throws {
            let network = InProcessNetwork()
            let transports = [network.makeTransport(), network.makeTransport()]
            let address = try transports[0].bind("local://*")
            _ = try transports[1].bind("local://*")
            service = ScriptedCoordinator(accepts: accepts)
            coordinator = ClusterSystem(transport: transports[0])
            worker = ClusterSystem(transport: transports[1])
            _ = CoordinatorEndpoint(service: service, actorSystem: coordinator)
            let configuration = WorkerConfiguration(
                coordinator: address, dataEndpoint: "local://data", requestedRank: 2, threads: 1,
                rendezvousTimeout: rendezvousTimeout)
            node = WorkerNode(configuration: configuration, system: worker) { _, _ in
                throw WorkerError(.aborted, "a single rank needs no group")
            }
        }

        func shutdown() async {
            await worker.shutdown(flush: .zero)
            await coordinator.shutdown(flush: .zero)
        }
    }

    private func plan(worldSize: Int = 1) -> RunPlan {
        var configuration = RunConfiguration()
        configuration.data.directory = "/nowhere"
        return RunPlan(
            runID: makeRunID(), rank: 0, worldSize: worldSize, generation: 1, role: "trainer",
            peers: ["local://data"], configuration: configuration.resolvedYAML(), runDirectory: "/nowhere")
    }

    @Test func refusedWorkerEndsWithTheCoordinatorsWords() async throws {
        let stage = try Stage(accepts: false)
        let error = await #expect(throws: WorkerError.self) { try await stage.node.run() }
        #expect(error?.code == .rendezvous && error?.message.contains("all places are taken") == true)
        #expect(error?.message.contains(stage.coordinator.address) == true)
        #expect(stage.service.joined.withLock { $0.map(\.requestedRank) } == [2])
        await stage.shutdown()
    }

    @Test func workerWithoutAPlanGivesUpAndSaysSo() async throws {
        let stage = try Stage(accepts: true, rendezvousTimeout: .milliseconds(200))
        let error = await #expect(throws: WorkerError.self) { try await stage.node.run() }
        #expect(error?.code == .rendezvous && error?.message.contains(stage.coordinator.address) == true)
        await stage.shutdown()
    }

    @Test func abortBeforeThePlanEndsTheWorkerWithTheReason() async throws {
        let stage = try Stage(accepts: true)
        await stage.node.abort("rank 3 never came")
        let error = await #expect(throws: WorkerError.self) { try await stage.node.run() }
        #expect(error?.message.contains("rank 3 never came") == true)
        await stage.shutdown()
    }

    @Test func failureIsToldWithItsPhaseAndExitCode() async throws {
        let stage = try Stage(accepts: true)
        await stage.node.start(plan())
        let outcome = try await stage.node.run()
        #expect(outcome.status == .failed && outcome.exitCode == 65, "\(outcome)")
        #expect(outcome.message.hasPrefix("starting: "), "\(outcome.message)")
        #expect(outcome.message.contains("data.directory"), "\(outcome.message)")
        #expect(stage.service.outcomes.withLock { $0 } == [outcome])
        await stage.shutdown()
    }

    @Test func groupThatCannotBeMadeIsTheClustersFault() async throws {
        let stage = try Stage(accepts: true)
        await stage.node.start(plan(worldSize: 2))
        let outcome = try await stage.node.run()
        #expect(outcome.status == .failed && outcome.exitCode == 69, "\(outcome)")
        await stage.shutdown()
    }

    @Test func runThatWasEndedIsNamedAsSuch() async throws {
        let stage = try Stage(accepts: true)
        await stage.node.start(plan())
        await stage.node.abort("rank 1 lost")
        let outcome = try await stage.node.run()
        #expect(outcome.exitCode == 69 && outcome.message.hasSuffix("the run was ended: rank 1 lost"), "\(outcome)")
        await stage.shutdown()
    }
}
