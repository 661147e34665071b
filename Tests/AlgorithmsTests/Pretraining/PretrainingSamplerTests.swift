import Algorithms
import Testing
import Text

@Suite(.timeLimit(.minutes(1))) struct PretrainingSamplerTests {
    private static let seed: UInt64 = 5
    private let shards = LogicalShards(globalBatchSize: 12, microbatchSize: 3)

    private func dataset() throws -> RecordDataset {
        try RecordDataset(directory: "\(PreparedFixture.shared.get().directory)/train")
    }

    /// The records that are at the place of `step` in the stream of epochs.
    private func expected(_ dataset: RecordDataset, step: Int) -> [Int] {
        (12 * step..<12 * (step + 1)).map { position in
            let (epoch, offset) = position.quotientAndRemainder(dividingBy: dataset.count)
            return EpochPermutation(seed: Self.seed, epoch: UInt64(epoch), count: dataset.count)[offset]
        }
    }

    @Test func lengthsDoNotChangeWhichRecordsAreInAStep() throws {
        let dataset = try dataset()
        let sampler = PretrainingSampler(dataset: dataset, shards: shards, seed: Self.seed)
        #expect(dataset.count % 12 != 0, "epochs should end inside a batch for this to say much")
        for step in 0..<3 * dataset.count / 12 {
            let plan = try sampler.plan(step: step)
            #expect(plan.shards.count == 4 && plan.shards.allSatisfy { $0.count == 3 }, "step \(step)")
            #expect(plan.shards.flatMap { $0 }.sorted() == expected(dataset, step: step).sorted(), "step \(step)")
        }
    }

    @Test func noRecordIsUsedTwiceMoreThanAnother() throws {
        let dataset = try dataset()
        let sampler = PretrainingSampler(dataset: dataset, shards: shards, seed: Self.seed)
        var uses = [Int](repeating: 0, count: dataset.count)
        for step in 0..<dataset.count {
            for record in try sampler.plan(step: step).shards.joined() { uses[record] += 1 }
            #expect((uses.max() ?? 0) - (uses.min() ?? 0) <= 2, "step \(step), seed \(Self.seed)")
        }
        #expect(uses == [Int](repeating: 12, count: dataset.count), "seed \(Self.seed)")
    }

    @Test func seedAndEpochDecideTheOrder() throws {
        let dataset = try dataset()
        let sampler = PretrainingSampler(dataset: dataset, shards: shards, seed: Self.seed)
        let other = PretrainingSampler(dataset: dataset, shards: shards, seed: Self.seed + 1)
        let first = try sampler.plan(step: 0)
        #expect(try sampler.plan(step: 0) == first)
        #expect(try other.plan(step: 0) != first, "seed \(Self.seed)")
        // After as many steps as there are records, twelve epochs are complete.
        #expect(try sampler.plan(step: dataset.count) != first, "seed \(Self.seed)")
    }

    @Test func shardsHaveAboutTheSameNumberOfTokens() throws {
        let dataset = try dataset()
        let sampler = PretrainingSampler(dataset: dataset, shards: shards, seed: Self.seed)
        var (dealt, inOrder) = (0, 0)
        for step in 0..<40 {
            let plan = try sampler.plan(step: step)
            func spread(_ shards: [[Int]]) throws -> Int {
                let tokens = try shards.map { try $0.reduce(0) { try $0 + dataset.lengths(at: $1).tokens } }
                return (tokens.max() ?? 0) - (tokens.min() ?? 0)
            }
            let records = expected(dataset, step: step)
            dealt += try spread(plan.shards)
            inOrder += try spread(stride(from: 0, to: 12, by: 3).map { Array(records[$0..<$0 + 3]) })
        }
        #expect(dealt * 3 < inOrder, "\(dealt), \(inOrder), seed \(Self.seed)")
    }

    @Test func totalsAreThoseOfTheRecords() throws {
        let dataset = try dataset()
        let sampler = PretrainingSampler(dataset: dataset, shards: shards, seed: Self.seed)
        for step in [0, 3, 40] {
            let plan = try sampler.plan(step: step)
            let records = try (0..<shards.count).map { try sampler.records(of: plan, shard: $0) }
            for (shard, found) in records.enumerated() {
                #expect(try found == plan.shards[shard].map { try dataset.record(at: $0) }, "step \(step)")
            }
            #expect(plan.tokens == records.joined().reduce(0) { $0 + $1.inputIDs.count }, "step \(step)")
            #expect(plan.predictions == records.joined().reduce(0) { $0 + $1.maskedIDs.count }, "step \(step)")
            let padded = records.map { shard in 3 * (shard.map(\.inputIDs.count).max() ?? 0) }
            #expect(plan.paddedTokens == padded.reduce(0, +) && plan.paddedTokens > plan.tokens, "step \(step)")
        }
    }

    @Test func cursorCountsEpochsAndRecords() throws {
        let dataset = try dataset()
        let sampler = PretrainingSampler(dataset: dataset, shards: shards, seed: Self.seed)
        #expect(sampler.cursor(completedSteps: 0) == DataCursor())
        #expect(sampler.cursor(completedSteps: 1) == DataCursor(epoch: 0, position: 12))
        let steps = dataset.count / 12 + 1
        #expect(sampler.cursor(completedSteps: steps) == DataCursor(epoch: 1, position: steps * 12 - dataset.count))
    }
}
