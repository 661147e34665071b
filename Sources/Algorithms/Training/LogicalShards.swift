/// A global batch as a fixed list of logical shards (microbatches), and who computes which.
///
/// Samples, masks and dropout depend on the step and the logical shard alone, never on the rank that computes it, so
/// the number of processes does not change what is trained (DESIGN promise 1).
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

    /// Positions in the endless stream of samples that `shard` of `step` holds.
    package func positions(step: Int, shard: Int) -> Range<Int> {
        let lower = step * globalBatchSize + shard * microbatchSize
        return lower..<(lower + microbatchSize)
    }
}
