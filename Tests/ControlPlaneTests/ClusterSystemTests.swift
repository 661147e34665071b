import ControlPlane
import Synchronization
import TestSupport
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(1)))
struct ClusterSystemTests {
    private struct Pair {
        let coordinator: ClusterSystem
        let worker: ClusterSystem
        let remote: CoordinatorEndpoint

        func shutdown() async {
            await worker.shutdown()
            await coordinator.shutdown()
        }
    }

    /// A coordinator and a worker that has resolved it.
    private func pair(
        _ service: ScriptedCoordinator, _ medium: TransportMedium = .inProcess, deadline: Duration = .seconds(20)
    ) throws -> Pair {
        let make = medium.makeFactory()
        let (listening, calling) = (make(), make())
        _ = try listening.bind(medium.wildcard)
        _ = try calling.bind(medium.wildcard)
        let coordinator = ClusterSystem(transport: listening)
        let worker = ClusterSystem(transport: calling, configuration: .init(callDeadline: deadline))
        _ = CoordinatorEndpoint(service: service, actorSystem: coordinator)
        let remote = try CoordinatorEndpoint.at(coordinator.address, using: worker)
        return Pair(coordinator: coordinator, worker: worker, remote: remote)
    }

    private func request(_ address: String) -> JoinRequest {
        JoinRequest(
            nodeID: NodeID(address: address, incarnation: 7), processID: 12, hostName: "host",
            dataEndpoint: "local://data", protocolVersion: WireLimits.protocolVersion, threads: 2, requestedRank: 3)
    }

    private let heartbeat = Heartbeat(
        nodeID: NodeID(address: "a", incarnation: 1), rank: 0, generation: 1, step: 2, phase: "forward")

    private func controlError(_ body: () async throws -> Void) async -> ControlPlaneError? {
        do {
            try await body()
        } catch {
            return error as? ControlPlaneError
        }
        return nil
    }

    @Test(arguments: TransportMedium.allCases)
    func callArrivesWithItsArgumentsAndReturnsTheAnswer(_ medium: TransportMedium) async throws {
        let service = ScriptedCoordinator()
        let pair = try pair(service, medium)
        let reply = try await pair.remote.join(request(pair.worker.address))
        #expect(reply == JoinReply(accepted: true, message: "welcome host"))
        #expect(service.state.withLock { $0.requests } == [request(pair.worker.address)])
        let report = StepReport(rank: 0, generation: 1, step: 4, values: ["loss": 1.5])
        try await pair.remote.report(report)
        #expect(service.state.withLock { $0.reports } == [report])
        await pair.shutdown()
    }

    @Test(arguments: TransportMedium.allCases)
    func coordinatorCallsTheWorkerBackAtItsAddress(_ medium: TransportMedium) async throws {
        let pair = try pair(ScriptedCoordinator(), medium)
        let service = ScriptedWorker()
        _ = WorkerEndpoint(service: service, actorSystem: pair.worker)
        let plan = RunPlan(
            runID: RunID(9), rank: 1, worldSize: 2, generation: 1, role: "trainer", peers: ["a", "b"],
            configuration: "steps: 3", runDirectory: "runs/x")
        try await WorkerEndpoint.at(pair.worker.address, using: pair.coordinator).start(plan)
        #expect(service.plans.withLock { $0 } == [plan])
        await pair.shutdown()
    }

    @Test(arguments: [TransportMedium.inProcess, .zeroMQTCP])
    func manyCallsAtOnceEachGetTheirOwnAnswer(_ medium: TransportMedium) async throws {
        let pair = try pair(ScriptedCoordinator(), medium)
        let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<100 {
                group.addTask {
                    var request = request(pair.worker.address)
                    request.hostName = "host-\(number)"
                    return (number, try await pair.remote.join(request).message)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers == Dictionary(uniqueKeysWithValues: (0..<100).map { ($0, "welcome host-\($0)") }))
        await pair.shutdown()
    }

    @Test func callWithoutAnAnswerTimesOutNamingTargetPeerAndCall() async throws {
        let pair = try pair(ScriptedCoordinator { try await Task.sleep(for: .seconds(600)) })
        let error = await controlError {
            _ = try await ClusterSystem.$callDeadline.withValue(.milliseconds(30)) {
                try await pair.remote.join(request("a"))
            }
        }
        #expect(error?.code == .timeout)
        #expect(error?.target.contains("join") == true)
        #expect(error?.peer == pair.coordinator.address)
        #expect(error?.callID == 1)
        #expect(pair.worker.counters.timeouts == 1)
        await pair.shutdown()
    }

    @Test func callToNobodyTimesOut() async throws {
        let transport = InProcessNetwork().makeTransport()
        let system = ClusterSystem(transport: transport, configuration: .init(callDeadline: .milliseconds(30)))
        let remote = try CoordinatorEndpoint.at("local://nobody", using: system)
        #expect(await controlError { _ = try await remote.heartbeat(heartbeat) }?.code == .timeout)
        await system.shutdown()
    }

    @Test func errorOfTheCalleeComesBackWithItsTypeAndWords() async throws {
        struct Refusal: Error, CustomStringConvertible { let description = "no room" }
        let pair = try pair(ScriptedCoordinator { throw Refusal() })
        let error = await controlError { _ = try await pair.remote.join(request("a")) }
        #expect(error?.code == .remote)
        #expect(error?.message == "no room")
        #expect(error?.remoteCode == "Refusal")
        await pair.shutdown()
    }

    @Test func callToAnActorThatIsNotThereIsRejected() async throws {
        let pair = try pair(ScriptedCoordinator())
        let worker = try WorkerEndpoint.at(pair.coordinator.address, using: pair.worker)
        let error = await controlError { try await worker.requestStop() }
        #expect(error?.code == .rejected)
        #expect(error?.message.contains("worker") == true)
        await pair.shutdown()
    }

    @Test func cancelledCallerDoesNotWait() async throws {
        let pair = try pair(ScriptedCoordinator { try await Task.sleep(for: .seconds(600)) })
        let call = Task { try await pair.remote.join(request("a")) }
        call.cancel()
        #expect(await controlError { _ = try await call.value }?.code == .cancelled)
        await pair.shutdown()
    }

    @Test(arguments: TransportMedium.allCases.filter(\.seesDisconnection))
    func peerThatGoesAwayEndsTheCallsToIt(_ medium: TransportMedium) async throws {
        let pair = try pair(ScriptedCoordinator { try await Task.sleep(for: .seconds(600)) }, medium)
        async let failure = controlError { _ = try await pair.remote.join(request("a")) }
        while pair.coordinator.counters.callsReceived == 0 { try await Task.sleep(for: .milliseconds(1)) }
        await pair.coordinator.shutdown(flush: .zero)
        #expect(await failure?.code == .disconnected)
        var changes: [PeerChange] = []
        for await change in pair.worker.peerChanges {
            changes.append(change)
            if changes.count == 2 { break }
        }
        #expect(changes == [.connected(pair.coordinator.address), .disconnected(pair.coordinator.address)])
        await pair.worker.shutdown()
    }

    @Test func shutdownEndsOpenCalls() async throws {
        let pair = try pair(ScriptedCoordinator { try await Task.sleep(for: .seconds(600)) })
        async let failure = controlError { _ = try await pair.remote.join(request("a")) }
        while pair.coordinator.counters.callsReceived == 0 { await Task.yield() }
        await pair.worker.shutdown()
        #expect(await failure?.code == .closed)
        #expect(await controlError { _ = try await pair.remote.join(request("a")) }?.code == .closed)
        await pair.coordinator.shutdown()
    }

    @Test func callsOfAnEarlierGenerationOrAnotherRunAreDroppedAndCounted() async throws {
        let service = ScriptedCoordinator()
        let pair = try pair(service, deadline: .milliseconds(50))
        pair.coordinator.enter(runID: RunID(5), generation: 2)
        for (run, generation) in [(RunID(5), 1), (RunID(6), 2)] {
            pair.worker.enter(runID: run, generation: generation)
            #expect(await controlError { _ = try await pair.remote.join(request("a")) }?.code == .timeout)
        }
        #expect(pair.coordinator.counters.staleDropped == 2)
        #expect(service.state.withLock { $0.requests.isEmpty })
        for (run, generation) in [(RunID.none, 0), (RunID(5), 2), (RunID(5), 3)] {
            pair.worker.enter(runID: run, generation: generation)
            _ = try await ClusterSystem.$callDeadline.withValue(.seconds(20)) {
                try await pair.remote.join(request("a"))
            }
        }
        #expect(service.state.withLock { $0.requests.count } == 3)
        await pair.shutdown()
    }

    @Test func garbageIsDroppedAndCountedAndTheSystemGoesOn() async throws {
        let network = InProcessNetwork()
        let listening = network.makeTransport()
        let address = try listening.bind("local://*")
        let coordinator = ClusterSystem(transport: listening)
        _ = CoordinatorEndpoint(service: ScriptedCoordinator(), actorSystem: coordinator)
        let stranger = network.makeTransport()
        try stranger.connect(to: address)
        try stranger.send([Frame([])], to: address)
        try stranger.send([Frame([0xc1, 2, 3])], to: address)
        try stranger.send([Frame([1]), Frame([2])], to: address)
        #expect(coordinator.counters.malformedDropped == 3)
        let worker = ClusterSystem(transport: network.makeTransport())
        let remote = try CoordinatorEndpoint.at(address, using: worker)
        #expect(try await remote.heartbeat(heartbeat).directive == .none)
        await worker.shutdown()
        await coordinator.shutdown()
    }

    @Test(arguments: ["", "nonsense", "$s", "\u{1}\u{2}\u{3}", "$s12ControlPlane19CoordinatorEndpointC4joinyF"])
    func functionThatDoesNotExistIsRejected(_ function: String) async throws {
        let network = InProcessNetwork()
        let listening = network.makeTransport()
        let address = try listening.bind("local://*")
        let coordinator = ClusterSystem(transport: listening)
        _ = CoordinatorEndpoint(service: ScriptedCoordinator(), actorSystem: coordinator)
        let stranger = network.makeTransport()
        let inbox = EventInbox(stranger)
        try stranger.connect(to: address)
        let call = ControlEnvelope(
            kind: .call, runID: .none, generation: 0, sequence: 1, callID: 4,
            target: ControlTarget(
                actor: "coordinator", function: function, substitutions: ["\u{1}abcd", "Si"]), arguments: [])
        try stranger.send([Frame(call.encoded())], to: address)
        let answers = try await inbox.awaitMessages(1).compactMap { try? ControlEnvelope(decoding: $0.frames[0]) }
        #expect(answers.map(\.kind) == [.failure])
        #expect(answers.map(\.callID) == [4])
        await coordinator.shutdown()
        stranger.close()
    }
}
