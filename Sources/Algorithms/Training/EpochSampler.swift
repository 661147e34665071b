import Text

/// Which samples make up which step: the endless stream of epochs, each a keyed permutation of the samples.
///
/// A pure function of (seed, position): nothing needs to be saved but the step, and every rank can look at the whole
/// global batch.
package struct EpochSampler: Sendable {
    /// The number of samples of an epoch.
    package let count: Int
    private let shards: LogicalShards
    private let seed: UInt64

    /// A stream over `count` samples, at least one.
    package init(count: Int, shards: LogicalShards, seed: UInt64) {
        precondition(count > 0, "a stream needs samples")
        self.count = count
        self.shards = shards
        self.seed = seed
    }

    /// Where the stream stands after `completedSteps` steps.
    package func cursor(completedSteps: Int) -> DataCursor {
        let (epoch, position) = (completedSteps * shards.globalBatchSize).quotientAndRemainder(dividingBy: count)
        return DataCursor(epoch: epoch, position: position)
    }

    /// The samples of the global batch of `step`, in the order of the stream.
    package func samples(step: Int) -> [Int] {
        var epoch = -1
        var permutation = EpochPermutation(seed: seed, epoch: 0, count: count)
        return shards.positions(step: step).map { position in
            let (number, offset) = position.quotientAndRemainder(dividingBy: count)
            if number != epoch {
                epoch = number
                permutation = EpochPermutation(seed: seed, epoch: UInt64(number), count: count)
            }
            return permutation[offset]
        }
    }
}
