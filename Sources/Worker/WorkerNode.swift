package import Algorithms
package import Collective
package import ControlPlane
import Foundation

/// One worker process: joins the cluster, waits for its plan, trains on its own thread, and tells the coordinator where
/// it is until the end.
///
/// The actor only decides; training blocks the trainer thread, and the two share a `RunControl`.
package actor WorkerNode: WorkerService {
    /// Builds the group of ranks from a plan; the program decides over which transport.
    package typealias GroupFactory = @Sendable (RunPlan, RunConfiguration) throws -> ProcessGroup

    private let configuration: WorkerConfiguration
    private let system: ClusterSystem
    private let makeGroup: GroupFactory
    private let control = RunControl()
    private var plan: RunPlan?
    private var group: ProcessGroup?
    /// Passes notices on; cancelled when the coordinator is lost, because each call would wait for its deadline, and the
    /// end of this worker with it.
    private var telling: Task<Void, Never>?

    package init(configuration: WorkerConfiguration, system: ClusterSystem, makeGroup: @escaping GroupFactory) {
        self.configuration = configuration
        self.system = system
        self.makeGroup = makeGroup
    }

    // MARK: What the coordinator may say

    package func start(_ plan: RunPlan) {
        guard self.plan == nil else { return }
        system.enter(runID: plan.runID, generation: plan.generation)
        self.plan = plan
    }

    package func requestStop() {
        control.requestStop()
    }

    package func abort(_ reason: String) {
        if control.abort(reason) { group?.abort(reason) }
    }

    private var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    // MARK: The life of a worker

    /// Runs the worker to its end.
    ///
    /// - Returns: how its rank ended; the process exits with the outcome's code.
    /// - Throws: `WorkerError` when the worker never became part of a run.
    package func run() async throws -> RankOutcome {
        _ = WorkerEndpoint(service: self, actorSystem: system)
        let coordinator = try CoordinatorEndpoint.at(configuration.coordinator, using: system)
        let node = NodeID(address: system.address, incarnation: .random(in: 1...UInt64.max))
        try await join(coordinator, node: node)
        let plan = try await waitForPlan(coordinator, node: node)
        let run = try RunConfiguration.parse(yaml: plan.configuration, file: "the coordinator's plan")

        let queue = NoticeQueue()
        let telling = Task { await self.tell(queue, to: coordinator, plan: plan) }
        self.telling = telling
        let heartbeats = Task { await self.keepAlive(coordinator, node: node, plan: plan, run: run) }
        let outcome = await train(plan, run: run, queue: queue)
        queue.finish()
        await telling.value
        heartbeats.cancel()
        group?.close(flush: .milliseconds(200))
        // The exit code says the same to whoever started this process.
        if !telling.isCancelled { try? await coordinator.finished(outcome) }
        return outcome
    }

    private func join(_ coordinator: CoordinatorEndpoint, node: NodeID) async throws {
        let request = JoinRequest(
            nodeID: node, processID: Int(ProcessInfo.processInfo.processIdentifier),
            hostName: ProcessInfo.processInfo.hostName, dataEndpoint: configuration.dataEndpoint,
            threads: configuration.threads ?? cores,
            requestedRank: configuration.requestedRank)
        let reply: JoinReply
        do {
            reply = try await ClusterSystem.$callDeadline.withValue(configuration.rendezvousTimeout) {
                try await coordinator.join(request)
            }
        } catch {
            let reason = (error as? ControlPlaneError)?.message ?? "\(error)"
            throw WorkerError(.rendezvous, "no coordinator at \(configuration.coordinator): \(reason)")
        }
        guard reply.accepted else {
            throw WorkerError(.rendezvous, "the coordinator at \(configuration.coordinator) refused: \(reply.message)")
        }
    }

    /// Shows the coordinator that this worker waits, until a plan comes.
    private func waitForPlan(_ coordinator: CoordinatorEndpoint, node: NodeID) async throws -> RunPlan {
        let deadline = ContinuousClock.now + configuration.rendezvousTimeout
        var nextBeat = ContinuousClock.now
        while ContinuousClock.now < deadline {
            if let plan { return plan }
            if let reason = control.abortReason { throw WorkerError(.rendezvous, "the run ended: \(reason)") }
            if ContinuousClock.now >= nextBeat {
                nextBeat = ContinuousClock.now + .milliseconds(500)
                let beat = Heartbeat(nodeID: node, rank: -1, generation: 0, step: 0, phase: "waiting")
                if case .abort(let reason)? = try? await coordinator.heartbeat(beat).directive {
                    throw WorkerError(.rendezvous, "the run ended: \(reason)")
                }
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw WorkerError(
            .rendezvous,
            "no plan from \(configuration.coordinator) within \(configuration.rendezvousTimeout): "
                + "not all workers came")
    }

    /// Trains on the trainer thread and turns whatever happens into an outcome.
    private func train(
        _ plan: RunPlan, run: RunConfiguration, queue: NoticeQueue
    ) async -> RankOutcome {
        do {
            let group = plan.worldSize > 1 ? try makeGroup(plan, run) : nil
            self.group = group
            if let reason = control.abortReason { group?.abort(reason) }
            let session = TrainingSession(
                plan: plan, configuration: run,
                threads: configuration.threads ?? (run.threads > 0 ? run.threads : cores),
                firstCPU: configuration.firstCPU, control: control, queue: queue)
            let result = await TrainerThread.run { session.run(over: group) }
            return outcome(of: result, plan: plan)
        } catch {
            return outcome(of: .failure(error), plan: plan)
        }
    }

    private func outcome(of result: Result<TrainingLoop.Outcome, any Error>, plan: RunPlan) -> RankOutcome {
        var outcome = RankOutcome(
            rank: plan.rank, generation: plan.generation, step: control.position.step, status: .failed, message: "",
            exitCode: 70, values: [:], digests: [:])
        switch result {
        case .success(let end):
            outcome.step = end.step
            outcome.status = end.completed ? .completed : .stopped
            outcome.exitCode = end.completed ? 0 : 75
            outcome.values = end.evaluation
            outcome.values["training_seconds"] = end.trainingSeconds
            outcome.values["parameters"] = Double(end.parameterCount)
            outcome.values["trained_tokens"] = Double(end.trainedTokens)
            outcome.digests = end.digests
        case .failure(let error):
            let phase = control.position.phase
            if let reason = control.abortReason {
                outcome.message = "\(phase): the run was ended: \(reason)"
                outcome.exitCode = 69
            } else {
                outcome.message = "\(phase): \(error)"
                outcome.exitCode = FailureKind(of: error).exitCode
            }
        }
        return outcome
    }

    /// Sends heartbeats and obeys the answers. A coordinator that stays silent for the heartbeat timeout is lost, and
    /// the run with it.
    private func keepAlive(
        _ coordinator: CoordinatorEndpoint, node: NodeID, plan: RunPlan, run: RunConfiguration
    ) async {
        let interval = Duration.seconds(run.cluster.heartbeatIntervalSeconds)
        let timeout = Duration.seconds(run.cluster.heartbeatTimeoutSeconds)
        var lastAnswer = ContinuousClock.now
        while !Task.isCancelled {
            let position = control.position
            let beat = Heartbeat(
                nodeID: node, rank: plan.rank, generation: plan.generation, step: position.step, phase: position.phase)
            let reply = try? await ClusterSystem.$callDeadline.withValue(timeout) {
                try await coordinator.heartbeat(beat)
            }
            if let reply {
                lastAnswer = .now
                switch reply.directive {
                case .none: break
                case .stopAfterStep: control.requestStop()
                case .abort(let reason): abort(reason)
                }
            } else if !Task.isCancelled, lastAnswer.duration(to: .now) >= timeout {
                telling?.cancel()
                abort("the coordinator at \(configuration.coordinator) has been silent for \(timeout)")
                return
            }
            try? await Task.sleep(for: interval)
        }
    }

    /// Passes the trainer thread's notices on, in order.
    private func tell(
        _ queue: NoticeQueue, to coordinator: CoordinatorEndpoint, plan: RunPlan
    ) async {
        defer { queue.abandon() }
        for await notice in queue.notices {
            defer { queue.markTold() }
            // A report that cannot be delivered is not worth a run; a lost coordinator shows in the heartbeats.
            switch notice {
            case .step(let step, let values):
                try? await coordinator.report(
                    StepReport(rank: plan.rank, generation: plan.generation, step: step, values: values))
            case .evaluation(let step, let values):
                try? await coordinator.event(
                    RunEvent(
                        rank: plan.rank, step: step, name: "evaluation", details: values.mapValues { String($0) }))
            case .event(let name, let step, let details):
                try? await coordinator.event(RunEvent(rank: plan.rank, step: step, name: name, details: details))
            }
        }
    }
}
