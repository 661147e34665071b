import Algorithms
import Foundation
import Tensor
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct PretrainingStateTests {
    private func program(_ overrides: String...) throws -> PretrainingProgram { try program(overrides) }

    private func program(_ overrides: [String]) throws -> PretrainingProgram {
        try PretrainingProgram(PreparedFixture.shared.get().configuration(overrides), in: ComputeContext())
    }

    private func train(_ program: PretrainingProgram, _ steps: Range<Int>) throws -> [[String: Double]] {
        try steps.map { try program.train(step: $0, stopRequested: false, exchange: LocalExchange()).values }
    }

    /// With and without bias corrections, which need the number of updates.
    @Test(arguments: [
        ["optimizer.name=lamb"], ["optimizer.name=adamw", "optimizer.form=hf3"],
        ["optimizer.name=sgd", "optimizer.momentum=0.5"], ["precision=bf16"],
    ])
    func restoredRunGoesOnWithTheSameBits(overrides: [String]) throws {
        let unbroken = try program(overrides)
        _ = try train(unbroken, 0..<2)
        let checkpoint = unbroken.checkpoint(completedSteps: 2)
        let rest = try train(unbroken, 2..<5)

        let resumed = try program(overrides)
        // What was trained before is gone, whatever it was.
        _ = try train(resumed, 7..<8)
        #expect(try resumed.restore(checkpoint) == 2)
        #expect(checkpoint.state.dataCursor == DataCursor(epoch: 0, position: 32))
        #expect(try train(resumed, 2..<5) == rest)
        #expect(resumed.digests() == unbroken.digests())
    }

    @Test func checkpointOfAnotherConfigurationIsRefusedUntouched() throws {
        let checkpoint = try program().checkpoint(completedSteps: 3)
        let other = try program("seed=12")
        let before = other.digests()
        let error = #expect(throws: AlgorithmsError.self) { try other.restore(checkpoint) }
        #expect(error?.code == .checkpointMismatch && error?.subject == "checkpoint of step 3")
        #expect(error?.message.contains("configuration") == true)
        #expect(other.digests() == before)
    }

    @Test func lengthAndIntervalsMayChange() throws {
        let checkpoint = try program().checkpoint(completedSteps: 3)
        for override in [
            "training.steps=50", "training.activation_checkpointing=true", "evaluation.interval_steps=3",
            "checkpoint.keep=1", "threads=2",
        ] {
            #expect(try program(override).restore(checkpoint) == 3, "\(override)")
        }
    }

    @Test func checkpointOfOtherRecordsIsRefusedAndTheirPlaceNamed() throws {
        let other = try PreparedFixture.other.get()
        let checkpoint = try program().checkpoint(completedSteps: 3)
        let error = #expect(throws: AlgorithmsError.self) {
            try PretrainingProgram(other.configuration(), in: ComputeContext()).restore(checkpoint)
        }
        #expect(error?.code == .checkpointMismatch && error?.subject == "checkpoint of step 3")
        #expect(error?.message.contains(other.directory) == true, "\(String(describing: error))")
    }

    @Test(arguments: [2, 3]) func synchronizedRanksAreEqualAndStaySo(worldSize: Int) async throws {
        let configuration = try PreparedFixture.shared.get().configuration()
        let digests = try await ThreadExchange.ranks(worldSize) { exchange in
            let program = try PretrainingProgram(configuration, in: ComputeContext())
            // Only rank 0 has been trained before; the others know neither weights nor moments nor their count.
            if exchange.rank == 0 {
                for step in 0..<3 { _ = try program.train(step: step, stopRequested: false, exchange: LocalExchange()) }
            }
            try program.synchronize(root: 0, step: 3, exchange: exchange)
            let (before, _) = program.digests()
            let checkpoint = program.checkpoint(completedSteps: 3)
            _ = try program.train(step: 3, stopRequested: false, exchange: exchange)
            let (weights, optimizer) = program.digests()
            return [before, weights, optimizer, "\(checkpoint.state.optimizerUpdates)"]
        }
        #expect(Set(digests).count == 1)
        #expect(digests[0][0] != digests[0][1] && digests[0][3] == "3")
    }

    @Test func dataThatDoesNotFitTheModelIsRefusedByKey() throws {
        for (override, key) in [
            ("model.vocab_size=91", "model.vocab_size"),
            ("model.max_position_embeddings=40", "model.max_position_embeddings"),
            ("data.directory=/nowhere", "data.directory"),
        ] {
            let error = #expect(throws: ConfigurationError.self, "\(override)") { try program(override) }
            #expect(error?.key == key, "\(override)")
        }
    }

    @Test func exportedModelCanBeOpenedAgain() throws {
        try withTemporaryDirectory { folder in
            let program = try program()
            try program.export(to: "\(folder)/model")
            let names = Set(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/model"))
            #expect(names.isSuperset(of: ["config.json", "model.safetensors", "spiece.model"]), "\(names)")
        }
    }
}
