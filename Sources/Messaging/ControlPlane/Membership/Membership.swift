import Wire

/// Who takes part in a run, and whether it can begin, go on, or is over.
///
/// A pure state machine: events and the time go in, actions come out; it never waits, sends, or reads a clock. The time is
/// a duration since any fixed origin that its driver keeps to.
///
/// gathering -> running(generation) -> ended. Events that do not fit the state are answered by name and change nothing.
package struct Membership: Sendable, Equatable {
    /// Where the run is.
    package enum State: Sendable, Equatable {
        /// Waiting for workers.
        case gathering
        /// All workers have their plans. Every change of members is a new generation.
        case running(generation: Int)
        case ended(RunEnding)
    }

    /// What is demanded of the workers.
    package let configuration: MembershipConfiguration
    /// Where the run is.
    package private(set) var state = State.gathering
    /// In the order of joining; in rank order once running.
    package private(set) var members: [Member] = []
    /// Whether the ranks have been asked to stop.
    package private(set) var isStopping = false
    private let beganAt: Duration

    /// A membership that waits for workers from `now` on.
    package init(_ configuration: MembershipConfiguration, at now: Duration) {
        precondition(configuration.worldSize > 0, "a run needs a worker")
        self.configuration = configuration
        beganAt = now
    }

    // MARK: Events

    /// A worker asks to join.
    package mutating func joined(
        _ request: JoinRequest, at now: Duration
    ) -> (outcome: JoinOutcome, actions: [MembershipAction]) {
        guard request.protocolVersion == WireLimits.protocolVersion else {
            return (.wrongProtocol(theirs: request.protocolVersion, ours: WireLimits.protocolVersion), [])
        }
        if let index = members.firstIndex(where: { $0.nodeID == request.nodeID }) {
            if case .ended = state { return (.ended, []) }
            members[index].lastHeard = max(now, members[index].lastHeard)
            return (.alreadyMember, [])
        }
        switch state {
        case .gathering: return gather(request, at: now)
        case .running(let generation):
            let actions = lose(where: { $0.nodeID.address == request.nodeID.address }, .replaced)
            return (actions.isEmpty ? .late(generation: generation) : .ended, actions)
        case .ended: return (.ended, [])
        }
    }

    /// A worker shows that it is alive; the answer is what it shall do.
    package mutating func heard(_ heartbeat: Heartbeat, at now: Duration) -> HeartbeatReply.Directive {
        guard let index = members.firstIndex(where: { $0.nodeID == heartbeat.nodeID }) else {
            return .abort(reason: "the coordinator does not know \(heartbeat.nodeID)")
        }
        members[index].lastHeard = max(now, members[index].lastHeard)
        switch state {
        case .gathering: return .none
        case .running(let generation):
            if heartbeat.generation == generation {
                members[index].step = max(heartbeat.step, members[index].step)
                members[index].phase = heartbeat.phase
            }
            return isStopping ? .stopAfterStep : .none
        case .ended(.failed(let reason)): return .abort(reason: reason)
        case .ended(.stopped): return .stopAfterStep
        case .ended(.completed): return .none
        }
    }

    /// The connection to a worker's control endpoint broke.
    package mutating func disconnected(_ address: String, at now: Duration) -> [MembershipAction] {
        switch state {
        case .gathering: withdraw(where: { $0.nodeID.address == address }, "its connection broke")
        case .running: lose(where: { $0.nodeID.address == address }, .disconnected)
        case .ended: []
        }
    }

    /// A rank has come to its end. Words about an earlier generation, and second words, change nothing.
    package mutating func finished(_ outcome: RankOutcome, at now: Duration) -> [MembershipAction] {
        guard let index = members.firstIndex(where: { $0.rank == outcome.rank && $0.outcome == nil }) else {
            return []
        }
        switch state {
        case .running(outcome.generation): break
        case .ended:
            // Kept for the report: how the others fared after the run had ended.
            members[index].outcome = outcome
            return []
        default: return []
        }
        members[index].outcome = outcome
        members[index].step = max(outcome.step, members[index].step)
        members[index].lastHeard = max(now, members[index].lastHeard)
        if outcome.status == .failed {
            return end(.failed("rank \(outcome.rank) failed at step \(outcome.step), \(outcome.message)"))
        }
        let outcomes = members.compactMap(\.outcome)
        guard outcomes.count == members.count else { return [] }
        return end(Self.ending(of: outcomes))
    }

    /// A rank has come to an end that a lost peer may explain better. It leaves, which is no loss; `finished` follows.
    package mutating func leaving(_ outcome: RankOutcome) {
        guard state == .running(generation: outcome.generation) else { return }
        for index in members.indices where members[index].rank == outcome.rank { members[index].isLeaving = true }
    }

    /// The run shall stop: ranks finish their step and save. Before the start there is nothing to save.
    package mutating func stopRequested(at now: Duration) -> [MembershipAction] {
        isStopping = true
        return state == .gathering ? end(.stopped) : []
    }

    /// Time has passed.
    package mutating func tick(at now: Duration) -> [MembershipAction] {
        let limit = configuration.heartbeatTimeout
        switch state {
        case .gathering:
            let actions = withdraw(where: { now - $0.lastHeard > limit }, "silent for more than \(limit)")
            guard now - beganAt > configuration.rendezvousTimeout else { return actions }
            let missing = "\(members.count) of \(configuration.worldSize) workers joined"
            return actions + end(.failed("\(missing) within \(configuration.rendezvousTimeout)"))
        case .running:
            guard let silent = members.filter(\.isMissed).map({ now - $0.lastHeard }).max(), silent > limit
            else { return [] }
            return lose(where: { now - $0.lastHeard > limit }, .silent(silent))
        case .ended: return []
        }
    }

    // MARK: Transitions

    private mutating func gather(
        _ request: JoinRequest, at now: Duration
    ) -> (outcome: JoinOutcome, actions: [MembershipAction]) {
        if let index = members.firstIndex(where: { $0.nodeID.address == request.nodeID.address }) {
            let old = members[index].nodeID
            members[index] = Member(request: request, lastHeard: now)
            return (.replaced(old), [])
        }
        let outcome = outcome(ofReserving: request.requestedRank)
        members.append(Member(request: request, lastHeard: now))
        return (outcome, members.count == configuration.worldSize ? start() : [])
    }

    private func outcome(ofReserving requested: Int?) -> JoinOutcome {
        guard let requested else { return .accepted(reservedRank: nil) }
        let isFree = !members.contains { $0.request.requestedRank == requested }
        return isFree && (0..<configuration.worldSize).contains(requested)
            ? .accepted(reservedRank: requested) : .acceptedWithoutRank(requested: requested)
    }

    /// Gives out the ranks: those asked for to the first who asked, the others in the order of joining.
    private mutating func start() -> [MembershipAction] {
        var free = Set(0..<configuration.worldSize)
        for index in members.indices {
            if let rank = members[index].request.requestedRank, free.remove(rank) != nil { members[index].rank = rank }
        }
        var rest = free.sorted().makeIterator()
        for index in members.indices where members[index].rank == nil { members[index].rank = rest.next() }
        members.sort { ($0.rank ?? 0) < ($1.rank ?? 0) }
        state = .running(generation: 1)
        let assignments = members.enumerated().map { RankAssignment(rank: $0, request: $1.request) }
        return [.start(generation: 1, assignments: assignments)]
    }

    private mutating func withdraw(where isGone: (Member) -> Bool, _ reason: String) -> [MembershipAction] {
        let gone = members.filter(isGone)
        members.removeAll(where: isGone)
        return gone.map { .withdrawn($0.nodeID, reason: reason) }
    }

    /// Declares working members lost, and with them the run.
    private mutating func lose(where isGone: (Member) -> Bool, _ reason: LostRank.Reason) -> [MembershipAction] {
        let lost = members.enumerated().filter { $1.isMissed && isGone($1) }.map { rank, member in
            LostRank(
                rank: rank, nodeID: member.nodeID, hostName: member.request.hostName,
                processID: member.request.processID, step: member.step, phase: member.phase, reason: reason)
        }
        guard !lost.isEmpty else { return [] }
        let reasons = lost.map(\.description).joined(separator: "; ")
        return lost.map { .lost($0) } + end(.failed(reasons))
    }

    private mutating func end(_ ending: RunEnding) -> [MembershipAction] {
        state = .ended(ending)
        return [.end(ending)]
    }

    /// How a run ended whose ranks all came to an end without failing.
    private static func ending(of outcomes: [RankOutcome]) -> RunEnding {
        for outcome in outcomes {
            for (name, digest) in outcome.digests {
                guard let other = outcomes.first(where: { $0.digests[name] != digest }) else { continue }
                let theirs = other.digests[name] ?? "none"
                return .failed(
                    "ranks \(outcome.rank) and \(other.rank) ended with different \(name): \(digest) and \(theirs)")
            }
        }
        return outcomes.contains { $0.status == .stopped } ? .stopped : .completed
    }
}
