import Tensor

/// Numbers of one step that travel behind the gradients, so that one exchange tells every rank the global loss and
/// whether somebody was asked to stop.
package protocol ExchangedSums {
    /// Reads the sums from the tail of an exchanged buffer.
    init(_ tail: Span<Float>)
    /// The sums as the tail of a gradient buffer.
    var tail: [Float] { get }
    static func += (total: inout Self, part: Self)
}

/// Adds up the gradients of a step: those of this rank's shards, then those of all ranks.
///
/// `fast` lets every rank accumulate its shards in one buffer; the last bits depend on the world size. `exact` adds in
/// the order of a binary tree over the shards: a rank keeps one buffer for every subtree that its shards complete (at
/// most about the logarithm of their number), and the ranks' subtrees meet in the same tree.
final class GradientReduction {
    private let arena: ParameterArena
    private let shards: LogicalShards
    private let reduction: RunConfiguration.Reduction
    /// Buffers of earlier steps that hold nothing now.
    private var spare: [Tensor] = []

    init(_ arena: ParameterArena, _ shards: LogicalShards, _ reduction: RunConfiguration.Reduction) {
        self.arena = arena
        self.shards = shards
        self.reduction = reduction
    }

    /// Leaves the gradients of all shards of `step` in the arena and returns their sums.
    ///
    /// `compute` adds the gradients of one shard to the arena's and returns the shard's sums; `rankSums` are those that
    /// belong to this rank itself. A rank without shards has no part in an exact sum, so its `rankSums` are lost there.
    func sum<Sums: ExchangedSums>(
        step: Int, _ exchange: any GradientExchange, rankSums: Sums, _ compute: (_ shard: Int) throws -> Sums
    ) throws -> Sums {
        arena.zeroGradients()
        let range = shards.range(rank: exchange.rank, worldSize: exchange.worldSize)
        switch reduction {
        case .fast:
            var sums = rankSums
            for shard in range { sums += try compute(shard) }
            putTail(sums.tail)
            try unsafe arena.gradients.withUnsafeMutableBytes {
                try unsafe exchange.sum($0.bindMemory(to: Float.self), step: step)
            }
        case .exact:
            let parts = try subtreeSums(of: range) { shard in
                var sums = try compute(shard)
                if shard == range.lowerBound { sums += rankSums }
                return sums.tail
            }
            defer { spare += parts }
            let pointers = unsafe parts.map { part in
                unsafe part.withUnsafeBytes { unsafe $0.bindMemory(to: Float.self) }
            }
            let order = shards.summationOrder(worldSize: exchange.worldSize)
            try unsafe arena.gradients.withUnsafeMutableBytes {
                try unsafe exchange.sum(pointers, order: order, into: $0.bindMemory(to: Float.self), step: step)
            }
        }
        return arena.gradients.withFloats { Sums($0.extracting(arena.extraRange)) }
    }

    private func putTail(_ tail: [Float]) {
        arena.gradients.withMutableFloats { flat in
            for (index, value) in tail.enumerated() { flat[arena.extraRange.lowerBound + index] = value }
        }
    }

    /// The gradients, with their tails, of the subtrees that cover a range of shards.
    private func subtreeSums(of range: Range<Int>, _ compute: (_ shard: Int) throws -> [Float]) throws -> [Tensor] {
        var (nodes, sums): ([LogicalShards.Subtree], [Tensor]) = ([], [])
        for shard in range {
            if shard > range.lowerBound { arena.zeroGradients() }
            putTail(try compute(shard))
            var node = LogicalShards.Subtree(level: 0, index: shard)
            var values = arena.gradients
            while let last = nodes.last, let left = sums.last, node.isRight(of: last) {
                left.accumulate(values)
                if values !== arena.gradients { spare.append(values) }
                nodes.removeLast()
                sums.removeLast()
                (node, values) = (node.parent, left)
            }
            if values === arena.gradients {
                if let buffer = spare.popLast() {
                    buffer.copy(from: values)
                    values = buffer
                } else {
                    values = values.copied()
                }
            }
            nodes.append(node)
            sums.append(values)
        }
        return sums
    }
}
