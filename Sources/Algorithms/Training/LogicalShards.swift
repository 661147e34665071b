/// A global batch as a fixed list of logical shards (microbatches), and who computes which.
///
/// Samples, masks and dropout depend on the step, the lengths of its records and the logical shard alone, never on the
/// rank that computes it, so the number of processes does not change what is trained.
package struct LogicalShards: Sendable, Equatable {
    /// Samples per optimizer step over all ranks.
    package let globalBatchSize: Int
    /// Samples per logical shard.
    package let microbatchSize: Int

    package init(globalBatchSize: Int, microbatchSize: Int) {
        precondition(
            microbatchSize > 0 && globalBatchSize > 0 && globalBatchSize % microbatchSize == 0,
            "a global batch of \(globalBatchSize) is not a multiple of microbatches of \(microbatchSize)")
        self.globalBatchSize = globalBatchSize
        self.microbatchSize = microbatchSize
    }

    /// The number of logical shards in a global batch.
    package var count: Int { globalBatchSize / microbatchSize }

    /// The contiguous shards that `rank` computes: sizes differ by one at most, lower ranks take the longer ranges.
    package func range(rank: Int, worldSize: Int) -> Range<Int> {
        let (quotient, remainder) = count.quotientAndRemainder(dividingBy: worldSize)
        let lower = rank * quotient + min(rank, remainder)
        return lower..<(lower + quotient + (rank < remainder ? 1 : 0))
    }

    /// Positions in the endless stream of samples that `step` takes.
    package func positions(step: Int) -> Range<Int> {
        let lower = step * globalBatchSize
        return lower..<(lower + globalBatchSize)
    }

    /// Shares a global batch out to the shards so that they cost about the same: the members of each shard as indices
    /// into `costs`, which has one value per sample. A pure function of the costs.
    ///
    /// The samples are dealt from the costliest to the cheapest, one to every shard in each round, the costliest of a
    /// round to the shard that has the least so far. So the sums of any two shards differ by no more than two samples of
    /// one round do. Equal costs and equal sums go by index.
    package func deal(_ costs: [Int]) -> [[Int]] {
        precondition(
            costs.count == globalBatchSize, "\(costs.count) costs for a global batch of \(globalBatchSize) samples")
        let order = costs.indices.sorted { (costs[$1], $0) < (costs[$0], $1) }
        var members = [[Int]](repeating: [], count: count)
        var sums = [Int](repeating: 0, count: count)
        for start in stride(from: 0, to: globalBatchSize, by: count) {
            let receivers = sums.indices.sorted { (sums[$0], $0) < (sums[$1], $1) }
            for (sample, shard) in zip(order[start..<start + count], receivers) {
                members[shard].append(sample)
                sums[shard] += costs[sample]
            }
        }
        return members
    }
}
