package import Text

/// Which records make up which step of pretraining: those of the epoch stream, dealt to the shards by length.
package struct PretrainingSampler: Sendable {
    private let dataset: RecordDataset
    private let shards: LogicalShards
    private let stream: EpochSampler

    package init(dataset: RecordDataset, shards: LogicalShards, seed: UInt64) {
        self.dataset = dataset
        self.shards = shards
        stream = EpochSampler(count: dataset.count, shards: shards, seed: seed)
    }

    /// Where the stream stands after `completedSteps` steps.
    package func cursor(completedSteps: Int) -> DataCursor { stream.cursor(completedSteps: completedSteps) }

    /// The global batch of `step` and who computes what of it. Every rank makes the same plan; it takes the lengths of
    /// the records and nothing else of them.
    /// - Throws: `TextError` if a record on disk is damaged.
    package func plan(step: Int) throws -> StepPlan {
        let records = stream.samples(step: step)
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
