import Foundation
import Testing

/// Tests that start the program; one at a time, because every run wants all cores of a small machine.
@Suite(.serialized) enum ClusterTests {}

extension ClusterTests {
    /// Runs of the program as a cluster of real processes.
    struct PretrainClusterTests {
        /// Steps per run are few; the seed of the run file is 11.
        @Test(.timeLimit(.minutes(3)))
        func worldSizeDoesNotChangeTheLosses() async throws {
            let tiny = try await TinyRun.prepared()
            var losses: [Int: [Int: Double]] = [:]
            for workers in [1, 2, 4] {
                let ending = try await tiny.pretrain("world-\(workers)", workers: workers)
                try #require(ending.exitCode == 0, "\(workers) workers: \(ending.errors)")
                losses[workers] = try tiny.losses("world-\(workers)")
            }
            for step in 1...TinyRun.steps {
                let one = try #require(losses[1]?[step])
                for workers in [2, 4] {
                    let other = try #require(losses[workers]?[step])
                    #expect(
                        abs(other - one) <= 1e-5 * abs(one), "step \(step), \(workers) workers: \(other) and \(one)")
                }
            }
            let joins = try tiny.lines("world-4", "events.jsonl").filter { $0["event"] as? String == "worker_joined" }
            #expect(Set(joins.compactMap { $0["process_id"] as? Int }).count == 4)
        }

        @Test(.timeLimit(.minutes(2)))
        func sameSeedAndWorldSizeGiveTheSameBits() async throws {
            let tiny = try await TinyRun.prepared()
            for name in ["same-a", "same-b"] {
                let ending = try await tiny.pretrain(name, workers: 2)
                try #require(ending.exitCode == 0, "\(name): \(ending.errors)")
            }
            let (first, second) = (try tiny.result("same-a"), try tiny.result("same-b"))
            for key in ["weights_sha256", "optimizer_sha256"] {
                let digest = try #require(first[key] as? String)
                #expect(digest.count == 64 && second[key] as? String == digest, "\(key)")
            }
        }

        /// The tiny run has dropout and four logical shards; LAMB's norms and the clip depend on every bit of the sum.
        @Test(.timeLimit(.minutes(3)), arguments: ["fp32", "bf16"])
        func exactReductionGivesTheSameBitsForEveryWorldSize(precision: String) async throws {
            let tiny = try await TinyRun.prepared()
            let settings = ["--set", "reduction=exact", "--set", "precision=\(precision)"]
            var digests: [[String]] = []
            for workers in [1, 2, 3, 4, 8] {
                let name = "exact-\(precision)-\(workers)"
                let threads = workers == 1 ? ["--threads", "2"] : []
                let ending = try await tiny.pretrain(name, workers: workers, settings + threads)
                try #require(ending.exitCode == 0, "\(workers) workers: \(ending.errors)")
                let result = try tiny.result(name)
                digests.append(["weights_sha256", "optimizer_sha256"].map { result[$0] as? String ?? "" })
                #expect(digests[0].allSatisfy { $0.count == 64 } && digests.last == digests[0], "\(workers) workers")
                #expect(try tiny.losses(name) == tiny.losses("exact-\(precision)-1"), "\(workers) workers")
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func killedAtAnyMomentResumesToTheSameBits() async throws {
            let tiny = try await TinyRun.prepared()
            let long = TinyRun.long(steps: 400)
            let whole = try await tiny.pretrain("whole", workers: 2, long)
            try #require(whole.exitCode == 0, "\(whole.errors)")
            let seed = UInt64.random(in: 0..<1 << 32)
            var generator = SeededGenerator(state: seed)
            let run = try tiny.start("killed", workers: 2, long)
            try await tiny.waitForSteps("killed", Int.random(in: 1...300, using: &generator))
            try await Task.sleep(for: .milliseconds(Int.random(in: 0..<50, using: &generator)))
            for process in descendants(of: run.processID) + [run.processID] { kill(process, SIGKILL) }
            _ = try await run.ending()
            let result = tiny.folder.appending(path: "killed/result.json").path
            try #require(!FileManager.default.fileExists(atPath: result), "seed \(seed): ended before it was killed")
            let resumed = try await tiny.pretrain("killed", workers: 2, long + ["--resume"])
            try #require(resumed.exitCode == 0, "seed \(seed): \(resumed.errors)")
            for key in ["weights_sha256", "optimizer_sha256"] {
                let digest = try #require(try tiny.result("whole")[key] as? String)
                #expect(try tiny.result("killed")[key] as? String == digest, "\(key), seed \(seed)")
            }
            #expect(try tiny.losses("killed") == tiny.losses("whole"), "seed \(seed)")
        }

        @Test(.timeLimit(.minutes(2)))
        func termFinishesTheStepSavesAndResumesToTheSameBits() async throws {
            let tiny = try await TinyRun.prepared()
            let long = TinyRun.long(steps: 1000) + ["--set", "checkpoint.interval_steps=100000"]
            let whole = try await tiny.pretrain("unbroken", workers: 2, long)
            try #require(whole.exitCode == 0, "\(whole.errors)")
            let run = try tiny.start("stopped", workers: 2, long)
            try await tiny.waitForSteps("stopped", 7)
            kill(run.processID, SIGTERM)
            let ending = try await run.ending()
            #expect(ending.exitCode == 75, "\(ending.errors)")
            let saved = try FileManager.default.contentsOfDirectory(
                atPath: tiny.folder.appending(path: "stopped/checkpoints").path)
            #expect(saved.count == 1, "\(saved)")
            let resumed = try await tiny.pretrain("stopped", workers: 2, long + ["--resume"])
            try #require(resumed.exitCode == 0, "\(resumed.errors)")
            #expect(
                try tiny.result("stopped")["weights_sha256"] as? String
                    == tiny.result("unbroken")["weights_sha256"] as? String)
        }

        @Test(.timeLimit(.minutes(2)))
        func lostWorkerEndsTheRunOnEveryRankByName() async throws {
            let tiny = try await TinyRun.prepared()
            let run = try tiny.start(
                "lost", workers: 3, ["--set", "training.steps=100000", "--set", "schedule.total_steps=100000"])
            try await tiny.waitForSteps("lost", 3)
            let victim = try #require(
                try tiny.lines("lost", "events.jsonl").first {
                    $0["event"] as? String == "worker_joined" && $0["rank"] as? Int == 1
                }?[
                    "process_id"] as? Int)
            let others = descendants(of: run.processID).filter { $0 != Int32(victim) }
            let started = ContinuousClock.now
            kill(Int32(victim), SIGKILL)
            let ending = try await run.ending()
            let waited = started.duration(to: .now)
            #expect(ending.exitCode == 69, "\(ending.errors)")
            #expect(ending.errors.contains("rank 1") && ending.errors.contains("step"), "\(ending.errors)")
            // The bound of the promise itself, not a measurement.
            #expect(waited < .seconds(10), "took \(waited)")
            #expect(others.allSatisfy { kill($0, 0) != 0 }, "processes \(others) outlived the run")
            let lost = try tiny.lines("lost", "events.jsonl").first { $0["event"] as? String == "worker_lost" }
            #expect(lost?["rank"] as? Int == 1)
        }

        /// Workers started by hand have no launcher to end them; rank 0 has reports that nobody takes.
        @Test(.timeLimit(.minutes(2)), arguments: [1, 2])
        func lostCoordinatorEndsEveryWorker(workers: Int) async throws {
            let tiny = try await TinyRun.prepared()
            let name = "orphaned-\(workers)"
            let endpoint = "ipc://\(tiny.folder.path)/\(name).socket"
            let coordinator = try TroupeProcess.start(
                [
                    "coordinator", "--listen", endpoint, "--config", "tiny.yaml", "--workers", String(workers),
                    "--run-dir", name,
                ] + TinyRun.long(steps: 1_000_000), in: tiny.folder)
            let ranks = try (0..<workers).map { _ in
                try TroupeProcess.start(["worker", "--coordinator", endpoint, "--threads", "1"], in: tiny.folder)
            }
            try await tiny.waitForSteps(name, 20)
            let started = ContinuousClock.now
            kill(coordinator.processID, SIGKILL)
            _ = try await coordinator.ending()
            for rank in ranks {
                let ending = try await rank.ending()
                #expect(ending.exitCode == 69, "\(ending.errors)")
                #expect(ending.errors.contains(endpoint), "\(ending.errors)")
            }
            let waited = started.duration(to: .now)
            // The bound of the promise itself, not a measurement.
            #expect(waited < .seconds(10), "took \(waited)")
        }

        /// All processes started by `parent`, from the process table.
        private func descendants(of parent: Int32) -> [Int32] {
            let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            let children = all.compactMap { Int32($0) }.filter { process in
                guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                    let end = stat.lastIndex(of: ")")
                else { return false }
                // After the name in parentheses come the state and the parent's number.
                return Int32(stat[end...].split(separator: " ")[2]) == parent
            }
            return children + children.flatMap { descendants(of: $0) }
        }
    }

}

/// A repeatable generator (SplitMix64) whose seed is printed when a test fails.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
