import Algorithms
import Collective
import Testing
import Worker

/// The loops of several ranks, joined by a ring in this process.
@Suite(.timeLimit(.minutes(1))) struct TrainingLoopGroupTests {
    private struct Broken: Error {}

    @Test(arguments: [2, 3]) func ranksEndWithTheSameBitsAndOnlyRankZeroTells(worldSize: Int) async throws {
        let run = LoopRun(evaluationInterval: 3, checkpointInterval: 3)
        let records = try await run.run(worldSize: worldSize).map { try $0.get() }
        // Every rank began with weights of its own: equal digests show that they were made equal.
        #expect(Set(records.map(\.outcome.digests)).count == 1)
        for (rank, record) in records.enumerated() {
            #expect(record.trained.count == 7 && record.evaluated == [3, 6, 7], "rank \(rank)")
            #expect(record.outcome.evaluation["ranks"] == Double(worldSize), "rank \(rank)")
            #expect(record.outcome.completed && record.notices.isEmpty == (rank != 0), "rank \(rank)")
            #expect(record.exported.isEmpty == (rank != 0), "rank \(rank)")
        }
        #expect(run.store.saved == [3, 6, 7])
    }

    @Test(arguments: [0, 1, 2]) func stopOfOneRankEndsAllAfterTheSameStep(asked: Int) async throws {
        let run = LoopRun { rank, step, control in if rank == asked && step == 2 { control.requestStop() } }
        let records = try await run.run(worldSize: 3).map { try $0.get() }
        for (rank, record) in records.enumerated() {
            #expect(record.trained == [0, 1, 2, 3], "rank \(rank), asked \(asked)")
            #expect(record.outcome.step == 4 && !record.outcome.completed, "rank \(rank), asked \(asked)")
        }
        #expect(run.store.saved == [4])
        #expect(Set(records.map(\.outcome.digests)).count == 1)
    }

    @Test(arguments: [1, 2, 3]) func onlyRankZeroNeedsTheCheckpoint(worldSize: Int) async throws {
        let whole = LoopRun(checkpointInterval: 4)
        let unbroken = try await whole.run(worldSize: worldSize).map { try $0.get() }
        let resumed = LoopRun(resume: try whole.store.load(step: 4))
        let records = try await resumed.run(worldSize: worldSize).map { try $0.get() }
        for (rank, record) in records.enumerated() {
            #expect(record.trained == [4, 5, 6], "rank \(rank)")
            #expect(record.outcome.digests == unbroken[0].outcome.digests, "rank \(rank)")
        }
    }

    @Test(arguments: [3, 7]) func failedSaveFailsRankZeroWithTheStoresErrorAndTheOthersWithTheRing(
        step: Int
    ) async throws {
        let run = LoopRun(checkpointInterval: 1, store: CountingStore(failsFrom: step))
        let outcomes = try await run.run(worldSize: 3)
        for (rank, outcome) in outcomes.enumerated() {
            guard case .failure(let error) = outcome else {
                Issue.record("rank \(rank) ended well though nothing was saved after step \(step - 1)")
                continue
            }
            if rank == 0 {
                #expect((error as? AlgorithmsError)?.subject == "/disk/step-\(step)")
            } else {
                #expect((error as? CollectiveError)?.rank == rank, "\(error)")
            }
        }
    }

    @Test func lostPeerIsAnErrorWithRankPeerAndStep() async throws {
        let run = LoopRun { rank, step, _ in if rank == 1 && step == 3 { throw Broken() } }
        let outcomes = try await run.run(worldSize: 2)
        #expect(throws: Broken.self) { try outcomes[1].get() }
        let error = #expect(throws: CollectiveError.self) { try outcomes[0].get() }
        #expect(error?.code == .peerLost && error?.rank == 0, "\(String(describing: error))")
        #expect(error?.place.peer == 1 && error?.place.step == 3, "\(String(describing: error))")
    }
}
