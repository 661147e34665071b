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

    /// The global batch of `step` and who computes what of it. Every rank makes the same plan; it takes the lengths of
    /// the records and nothing else of them.
    /// - Throws: `TextError` if a record on disk is damaged.
    package func plan(step: Int) throws -> StepPlan {
        let records = records(at: shards.positions(step: step))
        let lengths = try records.map { try dataset.lengths(at: $0) }
        let dealt = shards.deal(lengths.map(\.tokens))
        return StepPlan(
            shards: dealt.map { $0.map { records[$0] } },
            tokens: lengths.reduce(0) { $0 + $1.tokens },
            predictions: lengths.reduce(0) { $0 + $1.predictions },
            paddedTokens: dealt.reduce(0) { sum, members in
                sum + members.count * (members.map { lengths[$0].tokens }.max() ?? 0)
            })
    }

    /// The records of one shard of a plan.
    /// - Throws: `TextError` if a record on disk is damaged.
    package func records(of plan: StepPlan, shard: Int) throws -> [PretrainingRecord] {
        try plan.shards[shard].map { try dataset.record(at: $0) }
    }

    /// The indices of the records at some positions of the stream.
    private func records(at positions: Range<Int>) -> [Int] {
        var epoch = -1
        var permutation = EpochPermutation(seed: seed, epoch: 0, count: dataset.count)
        return positions.map { position in
            let (number, offset) = position.quotientAndRemainder(dividingBy: dataset.count)
            if number != epoch {
                epoch = number
                permutation = EpochPermutation(seed: seed, epoch: UInt64(number), count: dataset.count)
            }
            return permutation[offset]
        }
    }
}

/// The global batch of one step: which records each logical shard holds, and the denominators of its losses.
///
/// The stream alone decides which records are in the batch; their lengths decide only which shard computes which, so
/// that shards and with them ranks have about the same number of tokens.
package struct StepPlan: Sendable, Equatable {
    /// The indices of each shard's records.
    package let shards: [[Int]]
    /// Tokens of all records.
    package let tokens: Int
    /// Predictions of all records.
    package let predictions: Int
    /// Tokens that would be computed if every shard were padded to its longest record.
    package let paddedTokens: Int
}
