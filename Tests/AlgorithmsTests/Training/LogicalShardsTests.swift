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

    @Test func positionsOfStepsCoverTheStreamOnce() {
        for (batch, microbatch) in Self.sizes {
            let shards = LogicalShards(globalBatchSize: batch, microbatchSize: microbatch)
            #expect((0..<5).flatMap { Array(shards.positions(step: $0)) } == Array(0..<(5 * batch)))
        }
    }

    // MARK: Dealing

    /// Costs from 8 to 512, most of them small or at the very end, drawn from `seed`.
    private static func skewed(_ count: Int, seed: UInt64) -> [Int] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let draw = Double(state >> 33) / Double(1 << 31)
            return draw > 0.7 ? 512 : 8 + Int(draw * draw * 900)
        }
    }

    private static func spread(_ sums: [Int]) -> Int { (sums.max() ?? 0) - (sums.min() ?? 0) }

    @Test(arguments: [UInt64(1), 2, 3]) func everySampleIsDealtOnceAndShardsAreFull(seed: UInt64) {
        for (batch, microbatch) in Self.sizes {
            let shards = LogicalShards(globalBatchSize: batch, microbatchSize: microbatch)
            let dealt = shards.deal(Self.skewed(batch, seed: seed))
            #expect(dealt.count == shards.count && dealt.allSatisfy { $0.count == microbatch })
            #expect(dealt.flatMap { $0 }.sorted() == Array(0..<batch), "\(batch)/\(microbatch), seed \(seed)")
        }
    }

    @Test(arguments: [UInt64(1), 2, 3]) func shardsDifferByNoMoreThanTheSamplesOfARound(seed: UInt64) {
        for (batch, microbatch) in Self.sizes + [(256, 16), (4096, 16)] {
            let shards = LogicalShards(globalBatchSize: batch, microbatchSize: microbatch)
            let costs = Self.skewed(batch, seed: seed)
            let sums = shards.deal(costs).map { $0.reduce(0) { $0 + costs[$1] } }
            let sorted = costs.sorted(by: >)
            let rounds = stride(from: 0, to: batch, by: shards.count).map { sorted[$0] - sorted[$0 + shards.count - 1] }
            #expect(Self.spread(sums) <= rounds.max() ?? 0, "\(batch)/\(microbatch), seed \(seed): \(sums)")
        }
    }

    @Test(arguments: [UInt64(1), 2, 3]) func dealingIsMuchMoreEvenThanTheOrderOfTheStream(seed: UInt64) {
        let shards = LogicalShards(globalBatchSize: 512, microbatchSize: 16)
        let costs = Self.skewed(512, seed: seed)
        let dealt = shards.deal(costs).map { $0.reduce(0) { $0 + costs[$1] } }
        let inOrder = stride(from: 0, to: 512, by: 16).map { costs[$0..<$0 + 16].reduce(0, +) }
        #expect(Self.spread(dealt) * 20 < Self.spread(inOrder), "\(Self.spread(dealt)), \(Self.spread(inOrder))")
    }

    @Test func equalCostsAreDealtInOrder() {
        let shards = LogicalShards(globalBatchSize: 6, microbatchSize: 2)
        #expect(shards.deal([5, 5, 5, 5, 5, 5]) == [[0, 3], [1, 4], [2, 5]])
        #expect(shards.deal([1, 9, 3, 9, 4, 4]) == [[1, 2], [3, 0], [4, 5]])
    }
}
