import ControlPlane
import Coordinator
import Foundation
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct RunCoordinatorTests {
    private func reason(_ ending: RunEnding) -> String {
        if case .failed(let reason) = ending { reason } else { "not failed: \(ending)" }
    }

    @Test func everyWorkerGetsItsPlanAndTheRunEndsWhenAllHaveFinished() async throws {
        let run = try CoordinatedRun(worldSize: 2)
        async let end = run.coordinator.serve()
        let workers = try await run.gather(2)
        for (rank, worker) in workers.enumerated() {
            let plan = try #require(worker.plan)
            #expect(plan.rank == rank && plan.worldSize == 2 && plan.generation == 1)
            #expect(plan.peers == ["local://data-0", "local://data-1"])
            #expect(plan.runDirectory == run.folder && plan.resumeFrom == "4")
            #expect(plan.configuration == run.description.resolvedConfiguration)
        }
        try await workers[0].report(step: 5)
        try await workers[0].finish(.completed)
        try await workers[1].finish(.completed)
        let (ending, members) = try await end
        #expect(ending == .completed)
        #expect(members.compactMap(\.outcome?.status) == [.completed, .completed])
        let joined = try run.events().filter { $0.name == "worker_joined" }
        #expect(joined.map(\.rank) == [0, 1] && joined.map(\.processID) == [100, 101])
        #expect(try MetricsLog.read(path: run.directory.metricsPath).map(\.step) == [5])
        await run.shutdown(workers)
    }

    @Test func silentWorkerEndsTheRunWithItsRank() async throws {
        let run = try CoordinatedRun(worldSize: 2, heartbeatTimeoutSeconds: 1.5)
        async let end = run.coordinator.serve()
        let workers = try await run.gather(2)
        async let heard = workers[0].beatUntilAborted()
        let (ending, _) = try await end
        let reason = reason(ending)
        #expect(reason.contains("rank 1 (process 101 on host-1) lost") && reason.contains("silent"), "\(reason)")
        #expect(!reason.contains("rank 0"), "\(reason)")
        #expect(try await heard == reason)
        #expect(workers[0].aborts == [reason])
        #expect(try run.events().filter { $0.name == "worker_lost" }.map(\.rank) == [1])
        await run.shutdown(workers)
    }

    @Test func workerWhoseConnectionBreaksEndsTheRunWithItsRank() async throws {
        let run = try CoordinatedRun(worldSize: 2)
        async let end = run.coordinator.serve()
        let workers = try await run.gather(2)
        await workers[1].leave()
        let reason = reason(try await end.ending)
        #expect(reason.contains("rank 1") && reason.contains("its connection broke"), "\(reason)")
        await run.shutdown(workers)
    }

    @Test func failureOfARankEndsTheRunWithItsOwnWords() async throws {
        let run = try CoordinatedRun(worldSize: 2)
        async let end = run.coordinator.serve()
        let workers = try await run.gather(2)
        try await workers[0].finish(.failed, step: 3, message: "training diverged", exitCode: 70)
        let (ending, members) = try await end
        #expect(ending == .failed("rank 0 failed at step 3, training diverged"))
        #expect(members[0].outcome?.exitCode == 70)
        await run.shutdown(workers)
    }

    /// A rank whose exchange broke says so and leaves; the cause is the rank it waited for.
    @Test func brokenExchangeIsNotBlamedOnTheRankThatReportedIt() async throws {
        let run = try CoordinatedRun(worldSize: 2, heartbeatTimeoutSeconds: 1.5)
        async let end = run.coordinator.serve()
        let workers = try await run.gather(2)
        try await workers[0].finish(.failed, step: 3, message: "rank 1 is gone", exitCode: 69)
        await workers[0].leave()
        let reason = reason(try await end.ending)
        #expect(reason.contains("rank 1 (process 101 on host-1) lost"), "\(reason)")
        #expect(!reason.contains("rank 0 "), "\(reason)")
        await run.shutdown(workers)
    }

    @Test func brokenExchangeWithoutALostRankEndsTheRunInItsOwnWords() async throws {
        let run = try CoordinatedRun(worldSize: 2, heartbeatTimeoutSeconds: 1.5)
        async let end = run.coordinator.serve()
        let workers = try await run.gather(2)
        try await workers[0].finish(.failed, step: 3, message: "stalled", exitCode: 69)
        await workers[0].leave()
        async let heard = workers[1].beatUntilAborted()
        let reason = reason(try await end.ending)
        #expect(reason == "rank 0 failed at step 3, stalled")
        #expect(try await heard == reason)
        await run.shutdown(workers)
    }

    @Test func ranksWithDifferentWeightsAreAFailedRun() async throws {
        let run = try CoordinatedRun(worldSize: 2)
        async let end = run.coordinator.serve()
        let workers = try await run.gather(2)
        try await workers[0].finish(.completed, weights: "aa")
        try await workers[1].finish(.completed, weights: "bb")
        let reason = reason(try await end.ending)
        #expect(reason.contains("ranks 0 and 1") && reason.contains("weights_sha256"), "\(reason)")
        await run.shutdown(workers)
    }

    @Test func stopIsToldToTheWorkersAndEndsTheRunStopped() async throws {
        let run = try CoordinatedRun(worldSize: 1)
        async let end = run.coordinator.serve()
        let workers = try await run.gather(1)
        #expect(try await workers[0].beat(step: 3) == .none)
        await run.coordinator.requestStop()
        await run.coordinator.requestStop()
        #expect(try await workers[0].beat(step: 4) == .stopAfterStep)
        try await workers[0].finish(.stopped, step: 5, exitCode: 75)
        #expect(try await end.ending == .stopped)
        #expect(try run.events().filter { $0.name == "stop_requested" }.map(\.step) == [3])
        await run.shutdown(workers)
    }

    @Test func workerOfAnotherProtocolIsRefusedAndTheRunWaitsOn() async throws {
        let run = try CoordinatedRun(worldSize: 1)
        async let end = run.coordinator.serve()
        let stranger = try run.makeWorker(0)
        let reply = try await stranger.join(protocolVersion: 9999)
        #expect(!reply.accepted && reply.message.contains("9999"), "\(reply.message)")
        #expect(stranger.plan == nil)
        #expect(try run.events().map(\.name) == ["worker_refused"])
        let workers = try await run.gather(1)
        try await workers[0].finish(.completed)
        #expect(try await end.ending == .completed)
        await run.shutdown(workers + [stranger])
    }

    @Test func runThatCannotBeWrittenDownEndsAndTellsTheWorkers() async {
        // In a process of its own, where files may not grow beyond 16 KiB.
        await #expect(processExitsWith: .success) {
            let run = try CoordinatedRun(worldSize: 1)
            let end = Task { try await run.coordinator.serve() }
            let workers = try await run.gather(1)
            var limit = rlimit(rlim_cur: 16384, rlim_max: 16384)
            signal(SIGXFSZ, SIG_IGN)
            let limited = unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            #expect(limited == 0)
            for step in 1...1000 { try await workers[0].report(step: step) }
            let error = await #expect(throws: CoordinatorError.self) { try await end.value }
            #expect(error?.code == .storage)
            #expect(error?.message.contains(run.folder) == true)
            #expect(workers[0].aborts == [error?.message ?? ""])
            try? FileManager.default.removeItem(atPath: run.folder)
        }
    }
}
