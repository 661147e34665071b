package import Tensor

/// The fixed binary tree over the logical shards, in which exact sums are made. Node (level, index) covers the shards
/// `index << level ..< (index + 1) << level`, as far as there are any; its sum is that of its left half plus that of its
/// right half. So an order of additions belongs to the number of shards alone.
extension LogicalShards {
    /// A node all of whose shards exist.
    package struct Subtree: Hashable {
        package let level: Int
        package let index: Int

        var parent: Subtree { Subtree(level: level + 1, index: index / 2) }
        /// Whether this is a right half, of which `other` is the left.
        func isRight(of other: Subtree) -> Bool { level == other.level && index % 2 == 1 && other.index == index - 1 }
    }

    /// The fewest subtrees that cover a range of shards, in order.
    package func subtrees(of range: Range<Int>) -> [Subtree] {
        var subtrees: [Subtree] = []
        for shard in range {
            var node = Subtree(level: 0, index: shard)
            while let last = subtrees.last, node.isRight(of: last) {
                subtrees.removeLast()
                node = node.parent
            }
            subtrees.append(node)
        }
        return subtrees
    }

    /// How the sums of the subtrees that the ranks of a world hold, each rank's in order, add up to the whole.
    package func summationOrder(worldSize: Int) -> SummationOrder {
        let parts = (0..<worldSize).map { subtrees(of: range(rank: $0, worldSize: worldSize)) }
        var owners: [Subtree: (rank: Int, part: Int)] = [:]
        for (rank, subtrees) in parts.enumerated() {
            for (part, subtree) in subtrees.enumerated() { owners[subtree] = (rank, part) }
        }
        var actions: [SummationOrder.Action] = []
        func visit(_ node: Subtree) {
            if let owner = owners[node] {
                actions.append(.push(rank: owner.rank, part: owner.part))
                return
            }
            visit(Subtree(level: node.level - 1, index: 2 * node.index))
            let right = Subtree(level: node.level - 1, index: 2 * node.index + 1)
            guard right.index << right.level < count else { return }
            visit(right)
            if case .push(let rank, let part)? = actions.last {
                actions[actions.count - 1] = .add(rank: rank, part: part)
            } else {
                actions.append(.fold)
            }
        }
        visit(Subtree(level: count.bitWidth - (count - 1).leadingZeroBitCount, index: 0))
        return SummationOrder(partCounts: parts.map(\.count), actions: actions)
    }
}
