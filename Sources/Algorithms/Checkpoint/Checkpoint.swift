/// Where the next step takes its samples from.
package struct DataCursor: Sendable, Codable, Equatable {
    /// Passes over the training records that are complete.
    package var epoch: Int
    /// Samples of the current pass already used.
    package var position: Int

    /// A place in the training records; their beginning unless said otherwise.
    package init(epoch: Int = 0, position: Int = 0) {
        self.epoch = epoch
        self.position = position
    }
}

/// The evaluation whose weights a fine-tuning run ends with.
package struct BestEvaluation: Sendable, Codable, Equatable {
    /// The step after which the weights were evaluated.
    package var step: Int
    /// The value of the metric that is compared.
    package var value: Double
    /// Evaluations since then, all of them no better.
    package var misses: Int

    /// A new best evaluation.
    package init(step: Int, value: Double, misses: Int = 0) {
        self.step = step
        self.value = value
        self.misses = misses
    }
}

/// What a checkpoint holds besides tensors. Nothing in it depends on the number of ranks.
package struct CheckpointState: Sendable, Codable, Equatable {
    /// Steps completed.
    package var step: Int
    /// Updates the optimizer has made; the t of its bias corrections.
    package var optimizerUpdates: Int
    /// Seed of the run, from which every random number of every step follows.
    package var seed: UInt64
    /// Where the next step takes its samples from.
    package var dataCursor: DataCursor
    /// `RunConfiguration.digest` of the run.
    package var configurationDigest: String
    /// Digest of the training records.
    package var dataDigest: String
    /// The best evaluation so far, where the run keeps one.
    package var best: BestEvaluation?

    /// The state after `step` steps.
    package init(
        step: Int, optimizerUpdates: Int, seed: UInt64, dataCursor: DataCursor, configurationDigest: String,
        dataDigest: String, best: BestEvaluation? = nil
    ) {
        self.best = best
        self.step = step
        self.optimizerUpdates = optimizerUpdates
        self.seed = seed
        self.dataCursor = dataCursor
        self.configurationDigest = configurationDigest
        self.dataDigest = dataDigest
    }

    private enum CodingKeys: String, CodingKey {
        case step
        case optimizerUpdates = "optimizer_updates"
        case seed
        case dataCursor = "data_cursor"
        case configurationDigest = "configuration_digest"
        case dataDigest = "data_digest"
        case best
    }
}

/// Everything needed to go on training as if nothing had happened: weights, optimizer states and position.
package struct Checkpoint: Sendable {
    /// Position and origin of the run.
    package let state: CheckpointState
    /// All parameters.
    package let weights: TensorSnapshot
    /// All states of the optimizer.
    package let optimizer: TensorSnapshot

    init(state: CheckpointState, weights: TensorSnapshot, optimizer: TensorSnapshot) {
        self.state = state
        self.weights = weights
        self.optimizer = optimizer
    }

    /// Copies the present state of `optimizer` and of its parameters.
    package init(
        of optimizer: any Optimizer, step: Int, seed: UInt64, dataCursor: DataCursor, configurationDigest: String,
        dataDigest: String, best: BestEvaluation? = nil
    ) {
        weights = TensorSnapshot(arena: optimizer.arena)
        self.optimizer = TensorSnapshot(optimizer: optimizer)
        state = CheckpointState(
            step: step, optimizerUpdates: optimizer.updateCount, seed: seed, dataCursor: dataCursor,
            configurationDigest: configurationDigest, dataDigest: dataDigest, best: best)
    }

    /// Puts weights, optimizer states and update count back.
    ///
    /// - Throws: `checkpointMismatch` naming the tensor that does not fit.
    package func restore(into optimizer: any Optimizer) throws(AlgorithmsError) {
        try weights.restore(into: optimizer.arena)
        try self.optimizer.restore(into: optimizer)
        optimizer.updateCount = state.optimizerUpdates
    }
}
