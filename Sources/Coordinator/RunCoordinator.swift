import Algorithms
package import ControlPlane
import Foundation

/// The coordinator of one run: gathers workers, gives out ranks, records what happens, notices who is lost, and ends
/// the run with a result.
///
/// Decisions are made by `Membership`, a value; this actor carries them out. What the run writes about itself goes
/// through the `RunChronicle`.
package actor RunCoordinator: CoordinatorService {
    private let run: RunDescription
    private let system: ClusterSystem
    private let chronicle: RunChronicle
    private let runID = makeRunID()
    private let origin = ContinuousClock.now
    private var membership: Membership
    /// Failures that some lost peer may explain better; judged when their time has come.
    private var suspended: [(outcome: RankOutcome, due: Duration)] = []
    private var ending: RunEnding?
    /// Why the run could not be written down, if so: a run that leaves no trace is not continued.
    private var storageFailure: (any Error)?

    package init(_ run: RunDescription, system: ClusterSystem, chronicle: RunChronicle) {
        self.run = run
        self.system = system
        self.chronicle = chronicle
        let cluster = run.configuration.cluster
        membership = Membership(
            MembershipConfiguration(
                worldSize: run.worldSize, heartbeatTimeout: .seconds(cluster.heartbeatTimeoutSeconds),
                rendezvousTimeout: .seconds(cluster.rendezvousTimeoutSeconds)),
            at: .zero)
    }

    private var now: Duration { origin.duration(to: .now) }

    /// Serves until the run has ended, and returns how it ended and how each rank fared.
    package func serve() async throws -> (ending: RunEnding, members: [Member]) {
        let endpoint = CoordinatorEndpoint(service: self, actorSystem: system)
        defer { withExtendedLifetime(endpoint) {} }
        let watch = Task { [system] in
            for await change in system.peerChanges {
                if case .disconnected(let peer) = change { await self.peerLeft(peer) }
            }
        }
        defer { watch.cancel() }
        while ending == nil {
            await carryOut(membership.tick(at: now))
            await judgeSuspended()
            if let storageFailure {
                await abortAll("\(storageFailure)")
                throw storageFailure
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        try await waitForStragglers()
        return (ending ?? .failed("no ending"), membership.members)
    }

    /// Ends the run after the step it is in.
    package func requestStop() async {
        guard !membership.isStopping else { return }
        write { try $0.event("stop_requested", step: membership.members.map(\.step).max()) }
        await carryOut(membership.stopRequested(at: now))
    }

    // MARK: What workers say

    package func join(_ request: JoinRequest) -> JoinReply {
        let (outcome, actions) = membership.joined(request, at: now)
        if !outcome.isAccepted {
            write {
                try $0.event(
                    "worker_refused", processID: request.processID,
                    details: ["host": request.hostName, "reason": outcome.reply.message])
            }
        }
        // Plans go out after the answer: a worker must know that it was taken before it is told what to do.
        if !actions.isEmpty { Task { await self.carryOut(actions) } }
        return outcome.reply
    }

    package func heartbeat(_ heartbeat: Heartbeat) -> HeartbeatReply {
        HeartbeatReply(directive: membership.heard(heartbeat, at: now))
    }

    package func report(_ report: StepReport) {
        write { try $0.step(report, ranksAlive: membership.members.count { $0.outcome == nil }) }
    }

    package func event(_ event: RunEvent) {
        write { try $0.workerEvent(event) }
    }

    package func finished(_ outcome: RankOutcome) async {
        if outcome.status == .failed, outcome.exitCode == 69, ending == nil {
            // A broken exchange is most often the echo of a lost process: give its loss the time to show.
            membership.leaving(outcome)
            suspended.append((outcome, now + membership.configuration.heartbeatTimeout + .seconds(1)))
        } else {
            await carryOut(membership.finished(outcome, at: now))
        }
    }

    private func peerLeft(_ address: String) async {
        await carryOut(membership.disconnected(address, at: now))
    }

    private func judgeSuspended() async {
        // Where nobody is left who could turn out lost, there is nothing to wait for.
        let isLast = ending != nil || !membership.members.contains(where: \.isMissed)
        let due = suspended.filter { $0.due <= now || isLast }
        suspended.removeAll { $0.due <= now || isLast }
        for (outcome, _) in due { await carryOut(membership.finished(outcome, at: now)) }
    }

    // MARK: What follows

    private func carryOut(_ actions: [MembershipAction]) async {
        for action in actions {
            switch action {
            case .start(let generation, let assignments):
                await start(generation, assignments)
            case .lost(let lost):
                write {
                    try $0.event(
                        "worker_lost", rank: lost.rank, processID: lost.processID, step: lost.step,
                        details: ["host": lost.hostName, "phase": lost.phase, "reason": lost.description])
                }
            case .withdrawn(let node, let reason):
                write { try $0.event("worker_withdrawn", details: ["node": node.description, "reason": reason]) }
            case .end(let ending):
                self.ending = ending
                if case .failed(let reason) = ending { await abortAll(reason) }
            }
        }
    }

    /// Sends every worker its plan; a worker that cannot be told is found by its silence.
    private func start(_ generation: Int, _ assignments: [RankAssignment]) async {
        system.enter(runID: runID, generation: generation)
        for assignment in assignments {
            write {
                try $0.event(
                    "worker_joined", rank: assignment.rank, processID: assignment.request.processID,
                    details: [
                        "host": assignment.request.hostName, "threads": String(assignment.request.threads),
                        "data_endpoint": assignment.request.dataEndpoint,
                    ])
            }
        }
        let rolePlan = RolePlan(run.configuration, worldSize: assignments.count)
        for assignment in assignments {
            let plan = RunPlan(
                runID: runID, rank: assignment.rank, worldSize: assignments.count, generation: generation,
                role: rolePlan.roles[assignment.rank].rawValue, peers: assignments.map(\.request.dataEndpoint),
                configuration: run.resolvedConfiguration, runDirectory: run.runDirectory,
                resumeFrom: run.resumeStep.map(String.init))
            do {
                try await WorkerEndpoint.at(assignment.request.nodeID.address, using: system).start(plan)
            } catch {
                write {
                    try $0.event(
                        "plan_undelivered", rank: assignment.rank, processID: assignment.request.processID,
                        details: ["reason": "\(error)"])
                }
            }
        }
    }

    private func write(_ entry: (RunChronicle) throws -> Void) {
        do {
            try entry(chronicle)
        } catch {
            storageFailure = storageFailure ?? error
        }
    }

    private func abortAll(_ reason: String) async {
        await withTaskGroup(of: Void.self) { group in
            for member in membership.members where member.isMissed {
                group.addTask { [system] in
                    // The lost one will not answer; the others also learn it from their next heartbeat.
                    try? await ClusterSystem.$callDeadline.withValue(.seconds(1)) {
                        try await WorkerEndpoint.at(member.nodeID.address, using: system).abort(reason)
                    }
                }
            }
        }
    }

    /// Gives the ranks that are still there a moment to say how they ended.
    private func waitForStragglers() async throws {
        let deadline = now + .seconds(2)
        while now < deadline, membership.members.contains(where: { $0.outcome == nil }) {
            await judgeSuspended()
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
