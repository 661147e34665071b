import Algorithms
import Foundation
import Models
import Tensor
import Testing

@Suite struct CheckpointStoreTests {
    @Test func aRestoredRunGoesOnWithTheSameBits() throws {
        let fixture = CheckpointFixture()
        let store = fixture.store()
        try store.prepare()
        for _ in 0..<3 { CheckpointFixture.train(fixture.optimizer) }
        _ = try store.save(fixture.checkpoint(step: 3))
        for _ in 0..<2 { CheckpointFixture.train(fixture.optimizer) }

        let resumed = CheckpointFixture.makeOptimizer()
        let checkpoint = try #require(try store.latestValid().checkpoint)
        try checkpoint.restore(into: resumed)
        #expect(checkpoint.state.dataCursor == DataCursor(epoch: 2, position: 24))
        #expect(resumed.updateCount == 3)
        for _ in 0..<2 { CheckpointFixture.train(resumed) }
        #expect(weightsDigest(resumed.arena) == weightsDigest(fixture.optimizer.arena))
        #expect(optimizerDigest(resumed) == optimizerDigest(fixture.optimizer))
    }

    @Test func bothStoresGiveBackWhatWasSaved() throws {
        let fixture = CheckpointFixture()
        CheckpointFixture.train(fixture.optimizer)
        let checkpoint = fixture.checkpoint(step: 7)
        for store in [fixture.store(), InMemoryCheckpointStore(keep: 5)] as [any CheckpointStore] {
            try store.prepare()
            let receipt = try store.save(checkpoint)
            #expect(receipt.step == 7)
            let loaded = try store.load(step: 7)
            #expect(loaded.state == checkpoint.state)
            #expect(loaded.weights.digest == weightsDigest(fixture.optimizer.arena))
            #expect(loaded.optimizer.digest == optimizerDigest(fixture.optimizer))
        }
    }

    @Test func weightsAreAnOrdinarySafetensorsFile() throws {
        let fixture = CheckpointFixture()
        let store = fixture.store()
        try store.prepare()
        _ = try store.save(fixture.checkpoint(step: 1))
        let weights = try SafetensorsFile(path: fixture.path(step: 1, "weights.safetensors"))
        #expect(try weights.floats("z.weight") == fixture.optimizer.arena["z.weight"].floats())
        let states = try SafetensorsFile(path: fixture.path(step: 1, "optimizer.safetensors"))
        #expect(
            states.entries.map(\.name).sorted() == [
                "exp_avg.a.bias", "exp_avg.z.weight", "exp_avg_sq.a.bias", "exp_avg_sq.z.weight",
            ])
    }

    @Test func theNewestAreKeptAndTheOneJustSavedAlways() throws {
        for make in [{ $0.store(keep: 2) }, { _ in InMemoryCheckpointStore(keep: 2) }]
            as [(CheckpointFixture) -> any CheckpointStore]
        {
            let fixture = CheckpointFixture()
            let store = make(fixture)
            try store.prepare()
            for step in [10, 20, 30, 40] { _ = try store.save(fixture.checkpoint(step: step)) }
            #expect(try store.steps() == [30, 40])
            // A run that went back to an older step: what lies ahead of it does not push it out.
            _ = try store.save(fixture.checkpoint(step: 25))
            #expect(try store.steps().contains(25))
            #expect(try store.steps().contains(40))
        }
    }

    @Test func savingAStepAgainReplacesIt() throws {
        let fixture = CheckpointFixture()
        let store = fixture.store()
        try store.prepare()
        _ = try store.save(fixture.checkpoint(step: 5))
        CheckpointFixture.train(fixture.optimizer)
        _ = try store.save(fixture.checkpoint(step: 5))
        #expect(try store.load(step: 5).weights.digest == weightsDigest(fixture.optimizer.arena))
        #expect(try fixture.names() == ["step-00000005"])
    }

    @Test func leftoversOfAKilledWriterAreCleared() throws {
        let fixture = CheckpointFixture()
        let store = fixture.store()
        try store.prepare()
        for step in [1, 2, 3] { _ = try store.save(fixture.checkpoint(step: step)) }
        let manager = FileManager.default
        // Killed while writing 4, while removing 1, and while replacing 2 and 3 before and after the rename.
        try manager.createDirectory(
            atPath: "\(fixture.root)/.writing-step-00000004", withIntermediateDirectories: false)
        try manager.moveItem(atPath: "\(fixture.root)/step-00000001", toPath: "\(fixture.root)/.removing-step-00000001")
        try manager.moveItem(atPath: "\(fixture.root)/step-00000002", toPath: "\(fixture.root)/.replaced-step-00000002")
        try manager.copyItem(atPath: "\(fixture.root)/step-00000003", toPath: "\(fixture.root)/.replaced-step-00000003")
        #expect(try store.steps() == [3])
        try store.prepare()
        #expect(try fixture.names() == ["step-00000002", "step-00000003"])
        #expect(try store.latestValid().checkpoint?.state.step == 3)
        #expect(try store.load(step: 2).state.step == 2)
    }

    @Test func anEmptyPlaceHasNothingAndNoProblem() throws {
        let search = try CheckpointFixture().store().latestValid()
        #expect(search.checkpoint == nil)
        #expect(search.problems.isEmpty)
    }

    @Test func aCheckpointOfAnotherModelIsRefusedUntouched() throws {
        let fixture = CheckpointFixture()
        let checkpoint = fixture.checkpoint(step: 1)
        let others: [(Lamb, String)] = [
            (CheckpointFixture.makeOptimizer(width: 41), "z.weight: expected shape [41, 7]"),
            (CheckpointFixture.makeOptimizer(dtype: .float64), "z.weight: expected shape [40, 7] of float64"),
        ]
        for (other, message) in others {
            let before = weightsDigest(other.arena)
            #expect {
                try checkpoint.restore(into: other)
            } throws: {
                "\($0)".hasPrefix(message) && ($0 as? AlgorithmsError)?.code == .checkpointMismatch
            }
            #expect(weightsDigest(other.arena) == before)
        }
        #expect {
            try checkpoint.optimizer.restore(into: AdamW(fixture.optimizer.arena).arena)
        } throws: {
            "\($0)" == "z.weight: the checkpoint has no such tensor"
        }
        let plain = StochasticGradientDescent(fixture.optimizer.arena)
        #expect {
            try checkpoint.restore(into: plain)
        } throws: {
            "\($0)" == "exp_avg.z.weight: the checkpoint holds a tensor too many"
        }
    }
}
