import Algorithms
import Testing

@Suite struct LogicalShardsTests {
    private static let sizes = [(1, 1), (4, 4), (12, 4), (30, 2), (16, 1), (21, 3)]

    @Test(arguments: 1...9) func ranksShareTheShardsOutInOrderAndEvenly(worldSize: Int) {
        for (batch, microbatch) in Self.sizes {
            let shards = LogicalShards(globalBatchSize: batch, microbatchSize: microbatch)
            let ranges = (0..<worldSize).map { shards.range(rank: $0, worldSize: worldSize) }
            #expect(ranges.flatMap { Array($0) } == Array(0..<(batch / microbatch)), "\(batch)/\(microbatch)")
            let counts = ranges.map(\.count)
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "\(counts)")
            #expect(counts == counts.sorted(by: >), "\(counts)")
        }
    }

    @Test func positionsOfStepsAndShardsCoverTheStreamOnce() {
        for (batch, microbatch) in Self.sizes {
            let shards = LogicalShards(globalBatchSize: batch, microbatchSize: microbatch)
            let positions = (0..<5).flatMap { step in
                (0..<shards.count).flatMap { Array(shards.positions(step: step, shard: $0)) }
            }
            #expect(positions == Array(0..<(5 * batch)), "\(batch)/\(microbatch)")
        }
    }
}
