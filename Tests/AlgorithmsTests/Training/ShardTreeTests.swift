import Algorithms
import Tensor
import Testing

/// The tree over the logical shards: its order of additions belongs to the shards, not to the ranks.
struct ShardTreeTests {
    /// Numbers whose sum depends on the order of addition.
    private static func numbers(_ shard: Int) -> [Float] {
        var random = PhiloxGenerator(key: RandomKey(seed: 3, step: 0, shard: UInt32(shard)))
        return (0..<50).map { _ in Float(random.nextUniform() - 0.5) * (random.nextUniform() < 0.1 ? 1e6 : 1) }
    }

    /// The sum of `count` shards from `first` on in the tree whose root covers a power of two: the definition.
    private static func treeSum(_ first: Int, _ size: Int, _ count: Int) -> [Float]? {
        guard first < count else { return nil }
        guard size > 1 else { return numbers(first) }
        guard let left = treeSum(first, size / 2, count) else { return nil }
        guard let right = treeSum(first + size / 2, size / 2, count) else { return left }
        return zip(left, right).map { $0 + $1 }
    }

    /// Every rank sums its own subtrees; the order puts those together.
    private static func sum(_ shards: LogicalShards, worldSize: Int) -> [Float] {
        let order = shards.summationOrder(worldSize: worldSize)
        let parts = (0..<worldSize).map { rank in
            shards.subtrees(of: shards.range(rank: rank, worldSize: worldSize)).map { node in
                treeSum(node.index << node.level, 1 << node.level, shards.count) ?? []
            }
        }
        #expect(parts.map(\.count) == order.partCounts)
        var result = [Float](repeating: 0, count: 50)
        unsafe result.withUnsafeMutableBufferPointer { target in
            unsafe order.sum(into: target) { rank, part, use in
                unsafe parts[rank][part].withUnsafeBytes { unsafe use($0) }
            }
        }
        return result
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 11, 16, 21])
    func theSumHasTheSameBitsForEveryWorldSize(count: Int) throws {
        let shards = LogicalShards(globalBatchSize: 2 * count, microbatchSize: 2)
        let expected = try #require(Self.treeSum(0, 32, count))
        for worldSize in 1...9 {
            #expect(Self.sum(shards, worldSize: worldSize) == expected, "\(count) shards, \(worldSize) ranks")
        }
        // The order matters for these numbers, so the comparison above can fail.
        let inTurn = (1..<count).reduce(Self.numbers(0)) { zip($0, Self.numbers($1)).map { $0 + $1 } }
        #expect((inTurn == expected) == (count < 4) || count == 3)
    }

    @Test func ranksHoldFewSubtrees() {
        let shards = LogicalShards(globalBatchSize: 64, microbatchSize: 1)
        for worldSize in [1, 2, 4, 8, 16] {
            #expect(shards.summationOrder(worldSize: worldSize).partCounts == Array(repeating: 1, count: worldSize))
        }
        #expect(shards.summationOrder(worldSize: 3).partCounts.max() ?? 0 <= 6)
        #expect(shards.subtrees(of: 3..<14).map(\.level) == [0, 2, 2, 1])
    }
}
