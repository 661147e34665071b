package import Text

/// Which records make up which step: the endless stream of epochs, each a keyed permutation of the training records.
///
/// A pure function of (seed, position): nothing needs to be saved but the step, and every rank can look at the whole
/// global batch.
package struct PretrainingSampler: Sendable {
    private let dataset: RecordDataset
    private let shards: LogicalShards
    private let seed: UInt64

    package init(dataset: RecordDataset, shards: LogicalShards, seed: UInt64) {
        self.dataset = dataset
        self.shards = shards
        self.seed = seed
    }

    /// Where the stream stands after `completedSteps` steps.
    package func cursor(completedSteps: Int) -> DataCursor {
        let (epoch, position) = (completedSteps * shards.globalBatchSize).quotientAndRemainder(
            dividingBy: dataset.count)
        return DataCursor(epoch: epoch, position: position)
    }

    /// The index of the record at `position` of the stream.
    private func recordIndex(position: Int) -> Int {
        let (epoch, offset) = position.quotientAndRemainder(dividingBy: dataset.count)
        return EpochPermutation(seed: seed, epoch: UInt64(epoch), count: dataset.count)[offset]
    }

    /// The records of `shard` in `step`.
    /// - Throws: `TextError` if a record on disk is damaged.
    package func records(step: Int, shard: Int) throws -> [PretrainingRecord] {
        try shards.positions(step: step, shard: shard).map { try dataset.record(at: recordIndex(position: $0)) }
    }

    /// Real tokens and predictions of the whole global batch of `step`: the denominators of its losses.
    /// - Throws: `TextError` if a record on disk is damaged.
    package func totals(step: Int) throws -> (tokens: Int, predictions: Int) {
        let first = step * shards.globalBatchSize
        return try (first..<(first + shards.globalBatchSize)).reduce(into: (tokens: 0, predictions: 0)) {
            let lengths = try dataset.lengths(at: recordIndex(position: $1))
            $0.tokens += lengths.tokens
            $0.predictions += lengths.predictions
        }
    }
}
