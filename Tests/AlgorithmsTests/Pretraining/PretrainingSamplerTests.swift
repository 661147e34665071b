import Algorithms
import Testing
import Text

@Suite(.timeLimit(.minutes(1))) struct PretrainingSamplerTests {
    private static let seed: UInt64 = 5
    private let shards = LogicalShards(globalBatchSize: 12, microbatchSize: 3)

    private func dataset() throws -> RecordDataset {
        try RecordDataset(directory: "\(PreparedFixture.shared.get().directory)/train")
    }

    @Test func everyEpochHoldsEveryRecordOnceInAnOrderOfItsOwn() throws {
        let dataset = try dataset()
        let sampler = PretrainingSampler(dataset: dataset, shards: shards, seed: Self.seed)
        let steps = (3 * dataset.count + 11) / 12
        let stream = try (0..<steps).flatMap { step in
            try (0..<shards.count).flatMap { try sampler.records(step: step, shard: $0) }
        }.map { "\($0)" }
        let all = try (0..<dataset.count).map { "\(try dataset.record(at: $0))" }
        #expect(dataset.count % 12 != 0, "epochs should end inside a batch for this to say much")
        let epochs = (0..<3).map { Array(stream[$0 * all.count..<($0 + 1) * all.count]) }
        for (number, epoch) in epochs.enumerated() {
            #expect(epoch.sorted() == all.sorted(), "epoch \(number), seed \(Self.seed)")
            #expect(epoch != all, "epoch \(number), seed \(Self.seed)")
        }
        #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2], "seed \(Self.seed)")
        let other = PretrainingSampler(dataset: dataset, shards: shards, seed: Self.seed + 1)
        #expect(try other.records(step: 0, shard: 0).map { "\($0)" } != Array(stream[..<3]), "seed \(Self.seed)")
    }

    @Test(arguments: 1...6) func ranksTogetherReadTheSameStream(worldSize: Int) throws {
        let sampler = PretrainingSampler(dataset: try dataset(), shards: shards, seed: Self.seed)
        for step in [0, 1, 17] {
            let whole = try (0..<shards.count).flatMap { try sampler.records(step: step, shard: $0) }
            let ranks = try (0..<worldSize).flatMap { rank in
                try shards.range(rank: rank, worldSize: worldSize).flatMap {
                    try sampler.records(step: step, shard: $0)
                }
            }
            #expect(ranks == whole, "step \(step), seed \(Self.seed)")
        }
    }

    @Test func totalsAreThoseOfTheRecords() throws {
        let sampler = PretrainingSampler(dataset: try dataset(), shards: shards, seed: Self.seed)
        for step in [0, 3, 40] {
            let records = try (0..<shards.count).flatMap { try sampler.records(step: step, shard: $0) }
            let totals = try sampler.totals(step: step)
            #expect(totals.tokens == records.reduce(0) { $0 + $1.inputIDs.count }, "step \(step)")
            #expect(totals.predictions == records.reduce(0) { $0 + $1.maskedIDs.count }, "step \(step)")
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
