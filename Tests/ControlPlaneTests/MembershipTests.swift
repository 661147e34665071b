import ControlPlane
import Testing
import Wire

@Suite struct MembershipTests {
    private func request(
        _ name: String, rank: Int? = nil, incarnation: UInt64 = 1, version: Int = WireLimits.protocolVersion
    ) -> JoinRequest {
        JoinRequest(
            nodeID: NodeID(address: name, incarnation: incarnation), processID: 100, hostName: "host-\(name)",
            dataEndpoint: "data-\(name)", protocolVersion: version, threads: 1, requestedRank: rank)
    }

    private func membership(_ size: Int) -> Membership {
        Membership(MembershipConfiguration(worldSize: size), at: .zero)
    }

    /// A run of workers "0", "1", ... at time 0.
    private func running(_ size: Int) -> Membership {
        var membership = membership(size)
        for rank in 0..<size { _ = membership.joined(request("\(rank)"), at: .zero) }
        return membership
    }

    private func heartbeat(_ name: String, step: Int, generation: Int = 1, incarnation: UInt64 = 1) -> Heartbeat {
        Heartbeat(
            nodeID: NodeID(address: name, incarnation: incarnation), rank: 0, generation: generation, step: step,
            phase: "all-reduce")
    }

    private func outcome(
        _ rank: Int, _ status: RankOutcome.Status = .completed, generation: Int = 1, digest: String = "d"
    ) -> RankOutcome {
        RankOutcome(
            rank: rank, generation: generation, step: 7, status: status, message: "words", exitCode: 0, values: [:],
            digests: ["parameters": digest])
    }

    private func ranks(_ actions: [MembershipAction]) -> [String] {
        guard case .start(_, let assignments)? = actions.first else { return [] }
        #expect(assignments.map(\.rank) == Array(assignments.indices))
        return assignments.map(\.request.nodeID.address)
    }

    // MARK: Gathering

    @Test func runStartsWithTheLastJoinAndNotBefore() {
        var membership = membership(3)
        #expect(membership.joined(request("a"), at: .zero) == (.accepted(reservedRank: nil), []))
        #expect(membership.joined(request("b"), at: .zero) == (.accepted(reservedRank: nil), []))
        #expect(membership.state == .gathering)
        let last = membership.joined(request("c"), at: .zero)
        #expect(ranks(last.actions) == ["a", "b", "c"])
        #expect(membership.state == .running(generation: 1))
    }

    @Test func requestedRanksAreHonouredAndTheOthersFillTheRest() {
        var membership = membership(4)
        _ = membership.joined(request("a"), at: .zero)
        #expect(membership.joined(request("b", rank: 0), at: .zero).outcome == .accepted(reservedRank: 0))
        #expect(membership.joined(request("c"), at: .zero).outcome == .accepted(reservedRank: nil))
        let last = membership.joined(request("d", rank: 2), at: .zero)
        #expect(ranks(last.actions) == ["b", "a", "d", "c"])
    }

    @Test func rankThatIsTakenOrDoesNotExistIsReplacedByJoinOrder() {
        var membership = membership(3)
        _ = membership.joined(request("a", rank: 1), at: .zero)
        #expect(membership.joined(request("b", rank: 1), at: .zero).outcome == .acceptedWithoutRank(requested: 1))
        let last = membership.joined(request("c", rank: 9), at: .zero)
        #expect(last.outcome == .acceptedWithoutRank(requested: 9))
        #expect(ranks(last.actions) == ["b", "a", "c"])
    }

    @Test func secondJoinOfTheSameNodeChangesNothing() {
        var membership = membership(2)
        _ = membership.joined(request("a"), at: .zero)
        #expect(membership.joined(request("a"), at: .zero) == (.alreadyMember, []))
        #expect(membership.members.count == 1)
        _ = membership.joined(request("b"), at: .zero)
        #expect(membership.joined(request("a"), at: .zero) == (.alreadyMember, []))
        #expect(membership.state == .running(generation: 1))
    }

    @Test func restartedProcessTakesItsOwnPlaceBeforeTheStart() {
        var membership = membership(2)
        let first = request("a")
        _ = membership.joined(first, at: .zero)
        let second = membership.joined(request("a", incarnation: 2), at: .zero)
        #expect(second == (.replaced(first.nodeID), []))
        #expect(membership.members.map(\.nodeID.incarnation) == [2])
    }

    @Test func otherProtocolIsRefused() {
        var membership = membership(1)
        let ours = WireLimits.protocolVersion
        let result = membership.joined(request("a", version: ours + 1), at: .zero)
        #expect(result == (.wrongProtocol(theirs: ours + 1, ours: ours), []))
        #expect(!result.outcome.reply.accepted)
        #expect(membership.members.isEmpty)
    }

    @Test func silentWorkerLosesItsPlaceBeforeTheStart() {
        var membership = membership(2)
        _ = membership.joined(request("a"), at: .zero)
        #expect(membership.tick(at: .seconds(5)) == [])
        _ = membership.heard(heartbeat("a", step: 0, generation: 0), at: .seconds(5))
        #expect(membership.tick(at: .seconds(10)) == [])
        let actions = membership.tick(at: .seconds(11))
        guard case .withdrawn(let node, _)? = actions.first, actions.count == 1 else {
            Issue.record("got \(actions)")
            return
        }
        #expect(node.address == "a")
        #expect(membership.members.isEmpty)
    }

    @Test func brokenConnectionFreesThePlaceBeforeTheStart() {
        var membership = membership(2)
        _ = membership.joined(request("a"), at: .zero)
        #expect(membership.disconnected("a", at: .zero).count == 1)
        #expect(membership.disconnected("a", at: .zero) == [])
        #expect(membership.members.isEmpty)
    }

    @Test func rendezvousThatTakesTooLongEndsTheRunWithTheCount() {
        var membership = membership(3)
        _ = membership.joined(request("a"), at: .seconds(58))
        #expect(membership.tick(at: .seconds(60)) == [])
        guard case .end(.failed(let reason))? = membership.tick(at: .seconds(61)).last else {
            Issue.record("still \(membership.state)")
            return
        }
        #expect(reason.contains("1 of 3 workers joined"))
        #expect(membership.joined(request("b"), at: .seconds(62)).outcome == .ended)
    }

    @Test func stopBeforeTheStartEndsTheRun() {
        var membership = membership(2)
        #expect(membership.stopRequested(at: .zero) == [.end(.stopped)])
    }

    // MARK: Running

    @Test func lateWorkerIsTurnedAway() {
        var membership = running(2)
        let result = membership.joined(request("z"), at: .zero)
        #expect(result == (.late(generation: 1), []))
        #expect(!result.outcome.reply.accepted)
    }

    @Test func silentRankIsLostWithItsLastStepAndEndsTheRun() {
        var membership = running(3)
        _ = membership.heard(heartbeat("1", step: 12), at: .seconds(1))
        for name in ["0", "2"] { _ = membership.heard(heartbeat(name, step: 13), at: .seconds(6)) }
        #expect(membership.tick(at: .seconds(6)) == [])
        let actions = membership.tick(at: .seconds(7))
        guard case .lost(let lost)? = actions.first, case .end(.failed(let reason))? = actions.last else {
            Issue.record("got \(actions)")
            return
        }
        #expect(actions.count == 2)
        #expect(lost.rank == 1 && lost.step == 12 && lost.phase == "all-reduce")
        #expect(lost.reason == .silent(.seconds(6)))
        #expect(reason.contains("rank 1") && reason.contains("step 12"))
        #expect(membership.tick(at: .seconds(100)) == [])
    }

    @Test func brokenConnectionIsALoss() {
        var membership = running(2)
        _ = membership.heard(heartbeat("1", step: 3), at: .zero)
        let actions = membership.disconnected("1", at: .zero)
        guard case .lost(let lost)? = actions.first else {
            Issue.record("got \(actions)")
            return
        }
        #expect(lost.rank == 1 && lost.reason == .disconnected)
        #expect(membership.disconnected("0", at: .zero) == [])
    }

    @Test func strangersConnectionDoesNotMatter() {
        var membership = running(2)
        #expect(membership.disconnected("z", at: .zero) == [])
        #expect(membership.state == .running(generation: 1))
    }

    @Test func newProcessAtARanksAddressMeansThatTheRankIsLost() {
        var membership = running(2)
        let result = membership.joined(request("0", incarnation: 2), at: .zero)
        guard case .lost(let lost)? = result.actions.first else {
            Issue.record("got \(result)")
            return
        }
        #expect(lost.rank == 0 && lost.reason == .replaced)
        #expect(result.outcome == .ended)
    }

    @Test func survivorsAreToldToAbortAndWhy() {
        var membership = running(2)
        _ = membership.disconnected("1", at: .zero)
        guard case .abort(let reason) = membership.heard(heartbeat("0", step: 4), at: .zero) else {
            Issue.record("no abort")
            return
        }
        #expect(reason.contains("rank 1"))
    }

    @Test func unknownNodeIsToldToAbort() {
        var membership = running(1)
        guard case .abort = membership.heard(heartbeat("0", step: 1, incarnation: 5), at: .zero) else {
            Issue.record("no abort")
            return
        }
    }

    @Test func stopReachesEveryRankAndStoppedRanksEndTheRun() {
        var membership = running(2)
        #expect(membership.heard(heartbeat("0", step: 1), at: .zero) == .none)
        #expect(membership.stopRequested(at: .zero) == [])
        #expect(membership.heard(heartbeat("0", step: 1), at: .zero) == .stopAfterStep)
        #expect(membership.finished(outcome(0, .stopped), at: .zero) == [])
        #expect(membership.finished(outcome(1, .stopped), at: .zero) == [.end(.stopped)])
    }

    @Test func staleHeartbeatKeepsAliveButTellsNoStep() {
        var membership = running(1)
        _ = membership.heard(heartbeat("0", step: 90, generation: 2), at: .seconds(4))
        #expect(membership.members[0].step == 0)
        #expect(membership.tick(at: .seconds(9)) == [])
    }

    // MARK: Ending

    @Test func runIsCompleteWhenAllRanksAre() {
        var membership = running(2)
        #expect(membership.finished(outcome(0), at: .zero) == [])
        #expect(membership.finished(outcome(0), at: .zero) == [])
        #expect(membership.finished(outcome(1), at: .zero) == [.end(.completed)])
        #expect(membership.heard(heartbeat("0", step: 7), at: .zero) == .none)
    }

    @Test func rankThatHasFinishedMayGoQuietly() {
        var membership = running(2)
        _ = membership.finished(outcome(0), at: .zero)
        #expect(membership.disconnected("0", at: .zero) == [])
        _ = membership.heard(heartbeat("1", step: 7), at: .seconds(20))
        #expect(membership.tick(at: .seconds(21)) == [])
        #expect(membership.state == .running(generation: 1))
    }

    @Test func failedRankEndsTheRunWithItsWords() {
        var membership = running(2)
        guard case .end(.failed(let reason))? = membership.finished(outcome(1, .failed), at: .zero).first else {
            Issue.record("still \(membership.state)")
            return
        }
        #expect(reason.contains("rank 1") && reason.contains("step 7") && reason.contains("words"))
        #expect(membership.finished(outcome(0, .failed), at: .zero) == [])
        #expect(membership.members.allSatisfy { $0.outcome?.status == .failed })
    }

    @Test func outcomeOfAnEarlierGenerationIsIgnored() {
        var membership = running(1)
        #expect(membership.finished(outcome(0, generation: 0), at: .zero) == [])
        #expect(membership.state == .running(generation: 1))
    }

    @Test func ranksThatEndWithDifferentParametersHaveFailed() {
        var membership = running(3)
        _ = membership.finished(outcome(0), at: .zero)
        _ = membership.finished(outcome(1), at: .zero)
        guard case .end(.failed(let reason))? = membership.finished(outcome(2, digest: "e"), at: .zero).first else {
            Issue.record("still \(membership.state)")
            return
        }
        #expect(reason.contains("parameters") && reason.contains("2"))
    }
}
