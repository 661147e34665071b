import Foundation
import Testing

extension ClusterTests {
    /// `troupe bench` as programs read it.
    struct BenchTests {
        private static let step = [
            "bench", "train-step", "--model", "bert-tiny", "--batch", "2", "--sequence-length", "16", "--steps", "3",
            "--threads", "1", "--json",
        ]

        private func report(_ arguments: [String]) async throws -> [String: Any] {
            let ending = try await TroupeProcess.run(arguments, in: FileManager.default.temporaryDirectory)
            try #require(ending.exitCode == 0, "\(arguments): \(ending.errors)")
            let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
            return try #require(object as? [String: Any])
        }

        @Test(.timeLimit(.minutes(1)), arguments: ["fp32", "bf16"])
        func phasesAndOperationsOfAStepAddUp(precision: String) async throws {
            let report = try await report(Self.step + ["--precision", precision])
            let seconds = try #require(report["median_step_seconds"] as? Double)
            let phases = try #require(report["phases"] as? [String: Double])
            let operations = try #require(report["operations"] as? [String: Double])
            #expect(Set(phases.keys) == ["forward", "backward", "optimizer", "other"])
            #expect(abs(phases.values.reduce(0, +) - seconds) <= 0.03 * seconds, "\(phases) of \(seconds)")
            #expect(operations.values.reduce(0, +) <= 1.03 * seconds, "\(operations) of \(seconds)")
            for kind in ["matmul", "attention", "normalization", "optimizer", "loss"] {
                #expect(operations[kind] ?? 0 > 0, "\(kind)")
            }
            #expect(report["tokens_per_second"] as? Double ?? 0 > 0 && report["peak_rss_mib"] as? Double ?? 0 > 0)
        }

        /// Two layers of width 128 over 32 tokens in 2 sequences, 2 predictions in each, 30,522 words: the products of
        /// the model written down one by one, two operations per multiply-add, the backward pass twice the forward one.
        @Test(.timeLimit(.minutes(1))) func operationsAreThoseOfTheModel() async throws {
            let layer = 4 * 32 * 128 * 128 + 2 * 32 * 128 * 512 + 2 * 2 * 16 * 16 * 128
            let heads = 2 * 128 * 128 + 2 * 128 * 2 + 4 * 128 * 128 + 4 * 128 * 30_522
            let report = try await report(Self.step)
            #expect(report["flops_per_step"] as? Double == Double(3 * 2 * (2 * layer + heads)))
        }

        @Test(.timeLimit(.minutes(1))) func recomputedActivationsGiveTheSameLoss() async throws {
            let plain = try await report(Self.step)
            let recomputed = try await report(Self.step + ["--activation-checkpointing"])
            let loss = try #require(plain["loss"] as? Double)
            #expect(loss == recomputed["loss"] as? Double)
            // Random predictions over the vocabulary and over two labels.
            #expect(abs(loss - (log(30_522.0) + log(2.0))) < 1.5)
        }

        @Test(.timeLimit(.minutes(1)), arguments: ["fp32", "bf16"])
        func productsAreMeasured(precision: String) async throws {
            let report = try await report([
                "bench", "matmul", "--m", "64", "--n", "70", "--k", "33", "--repeats", "2", "--precision", precision,
                "--json",
            ])
            #expect(report["flops_per_second"] as? Double ?? 0 > 0 && report["median_seconds"] as? Double ?? 0 > 0)
        }

        @Test(
            .timeLimit(.minutes(1)),
            arguments: [
                (["bench", "train-step", "--model", "bert-bse"], "bert-base"),
                (["bench", "train-step", "--precision", "fp16"], "fp16"),
                (["bench", "train-step", "--model", "bert-tiny", "--sequence-length", "513"], "512"),
                (["bench", "matmul", "--m", "-4"], "-4"),
                (["bench", "matmul", "--backend", "mkl"], "mkl"),
            ])
        func badOptionsAreNamed(arguments: [String], mention: String) async throws {
            let ending = try await TroupeProcess.run(arguments, in: FileManager.default.temporaryDirectory)
            #expect(ending.exitCode == 64 && ending.errors.contains(mention), "\(ending.exitCode): \(ending.errors)")
        }
    }
}
