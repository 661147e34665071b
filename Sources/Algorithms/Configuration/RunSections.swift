/// Samples per step and how they are cut into logical shards.
package struct BatchSection: ConfigurationSection {
    /// Samples of one step over all ranks.
    package var globalBatchSize = 4096
    /// Samples of one logical shard: what one rank computes at a time. Randomness depends on the shard, so this
    /// determines training and the number of ranks does not.
    package var microbatchSize = 16

    /// The defaults above.
    package init() {}

    static let fields: [ConfigurationField<BatchSection>] = [
        .value("global_batch_size", \.globalBatchSize, .within(1...(1 << 24))),
        .value("microbatch_size", \.microbatchSize, .within(1...(1 << 20))),
    ]

    func checkRelations(path: String) throws(ConfigurationError) {
        guard globalBatchSize.isMultiple(of: microbatchSize) else {
            throw ConfigurationError(
                .inconsistent, key: "\(path).global_batch_size",
                message: "\(globalBatchSize) is not a multiple of microbatch_size, \(microbatchSize)")
        }
    }
}

/// How long the run is, and how it trades memory for time.
package struct TrainingSection: ConfigurationSection {
    /// The step after which the run ends.
    package var steps = 125_000
    /// Keeps only the input of each layer use for the backward pass and computes the rest a second time: the same bits
    /// with less memory and more work.
    package var activationCheckpointing = false

    /// The defaults above.
    package init() {}

    static let fields: [ConfigurationField<TrainingSection>] = [
        .value("steps", \.steps, .within(1...1_000_000_000)),
        .value("activation_checkpointing", \.activationCheckpointing),
    ]
}

/// When and on how much the held-out records are scored.
package struct EvaluationSection: ConfigurationSection {
    /// Steps between evaluations; 0 evaluates after the last step only.
    package var intervalSteps = 5000
    /// Samples scored at a time.
    package var batchSize = 64
    /// Batches scored at most.
    package var maximumBatches = 100

    /// The defaults above.
    package init() {}

    static let fields: [ConfigurationField<EvaluationSection>] = [
        .value("interval_steps", \.intervalSteps, .atLeast(0)),
        .value("batch_size", \.batchSize, .within(1...(1 << 20))),
        .value("maximum_batches", \.maximumBatches, .within(1...(1 << 30))),
    ]
}

/// When state is saved and how much of it is kept.
package struct CheckpointSection: ConfigurationSection {
    /// Steps between checkpoints; 0 saves after the last step only.
    package var intervalSteps = 5000
    /// Checkpoints that stay on disk.
    package var keep = 5

    /// The defaults above.
    package init() {}

    static let fields: [ConfigurationField<CheckpointSection>] = [
        .value("interval_steps", \.intervalSteps, .atLeast(0)),
        .value("keep", \.keep, .within(1...10_000)),
    ]
}

/// Deadlines and sizes of the cluster's conversations.
package struct ClusterSection: ConfigurationSection {
    /// Time between signs of life.
    package var heartbeatIntervalSeconds = 0.5
    /// A rank not heard from for this long is lost.
    package var heartbeatTimeoutSeconds = 5.0
    /// All ranks must have met within this time.
    package var rendezvousTimeoutSeconds = 60.0
    /// One exchange of gradients must be complete within this time, waiting for the slowest rank included.
    package var exchangeDeadlineSeconds = 120.0
    /// Bytes of gradients sent together.
    package var bucketBytes = 16 << 20
    /// Bytes of one frame on the wire.
    package var segmentBytes = 1 << 20
    /// How ranks sum.
    package var collectives = Collectives.auto

    /// `auto`: through shared memory if all workers are on one host, else through sockets; `sockets`: always those.
    package enum Collectives: String, Sendable, CaseIterable, ConfigurationChoice { case auto, sockets }

    /// The defaults above.
    package init() {}

    static let fields: [ConfigurationField<ClusterSection>] = [
        .value("heartbeat_interval_seconds", \.heartbeatIntervalSeconds, .within(0.01...3600)),
        .value("heartbeat_timeout_seconds", \.heartbeatTimeoutSeconds, .within(0.05...86400)),
        .value("rendezvous_timeout_seconds", \.rendezvousTimeoutSeconds, .within(0.1...86400)),
        .value("exchange_deadline_seconds", \.exchangeDeadlineSeconds, .within(0.1...86400)),
        .value("bucket_bytes", \.bucketBytes, .within(4096...(1 << 32))),
        .value("segment_bytes", \.segmentBytes, .within(4096...(1 << 30))),
        .value("collectives", \.collectives),
    ]

    func checkRelations(path: String) throws(ConfigurationError) {
        guard heartbeatTimeoutSeconds >= 2 * heartbeatIntervalSeconds else {
            throw ConfigurationError(
                .inconsistent, key: "\(path).heartbeat_timeout_seconds",
                message: "\(heartbeatTimeoutSeconds) is less than twice heartbeat_interval_seconds, "
                    + "\(heartbeatIntervalSeconds)")
        }
        guard segmentBytes.isMultiple(of: 64), segmentBytes <= bucketBytes else {
            throw ConfigurationError(
                .inconsistent, key: "\(path).segment_bytes",
                message: "\(segmentBytes) must be a multiple of 64 and at most bucket_bytes, \(bucketBytes)")
        }
    }
}
