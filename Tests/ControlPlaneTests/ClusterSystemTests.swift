import ControlPlane
import Synchronization
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(1)))
struct ClusterSystemTests {
    let network = InProcessNetwork()

    private func system(bound: Bool = true, deadline: Duration = .seconds(5)) throws -> ClusterSystem {
        let transport = network.makeTransport()
        if bound { _ = try transport.bind("local://*") }
        return ClusterSystem(transport: transport, configuration: .init(callDeadline: deadline))
    }

    private func request(_ address: String) -> JoinRequest {
        JoinRequest(
            nodeID: NodeID(address: address, incarnation: 7), processID: 12, hostName: "host",
            dataEndpoint: "local://data", protocolVersion: WireLimits.protocolVersion, threads: 2, requestedRank: 3)
    }

    @Test func callArrivesWithItsArgumentsAndReturnsTheAnswer() async throws {
        let service = ScriptedCoordinator()
        let coordinator = try system()
        _ = CoordinatorEndpoint(service: service, actorSystem: coordinator)
        let worker = try system(bound: false)
        let remote = try CoordinatorEndpoint.at(coordinator.address, using: worker)
        let reply = try await remote.join(request(worker.address))
        #expect(reply == JoinReply(accepted: true, message: "welcome host"))
        #expect(service.state.withLock { $0.requests } == [request(worker.address)])
        await worker.shutdown()
        await coordinator.shutdown()
    }

    @Test func coordinatorCallsTheWorkerBackAtItsAddress() async throws {
        let service = ScriptedWorker()
        let worker = try system()
        _ = WorkerEndpoint(service: service, actorSystem: worker)
        let coordinator = try system()
        let plan = RunPlan(
            runID: RunID(9), rank: 1, worldSize: 2, generation: 1, role: "trainer", peers: ["a", "b"],
            configuration: "steps: 3", runDirectory: "runs/x")
        try await WorkerEndpoint.at(worker.address, using: coordinator).start(plan)
        #expect(service.plans.withLock { $0 } == [plan])
        await worker.shutdown()
        await coordinator.shutdown()
    }
}
