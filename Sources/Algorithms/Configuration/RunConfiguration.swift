/// Everything a run needs to know, as plain values. A run file is this structure in YAML.
package struct RunConfiguration: ConfigurationSection {
    /// The one seed of the run: initial weights, dropout, order of the records.
    package var seed: UInt64 = 12345
    /// Arithmetic of matrices and activations.
    package var precision = Precision.fp32
    /// How gradients of several ranks are added up.
    package var reduction = Reduction.fast
    /// What is trained.
    package var program = ProgramName.pretraining
    /// The network.
    package var model = ModelSection()
    /// Where the records are and how they are made.
    package var data = DataSection()
    /// The task of a fine-tuning run.
    package var task = TaskSection()
    /// Samples per step and per logical shard.
    package var batch = BatchSection()
    /// How gradients become updates.
    package var optimizer = OptimizerSection()
    /// How the learning rate changes.
    package var schedule = ScheduleSection()
    /// How long the run is.
    package var training = TrainingSection()
    /// When the held-out records are scored.
    package var evaluation = EvaluationSection()
    /// When state is saved.
    package var checkpoint = CheckpointSection()
    /// Deadlines and sizes of the cluster's conversations.
    package var cluster = ClusterSection()
    /// Compute threads of each worker; 0 shares the machine's cores among its workers.
    package var threads = 0

    /// The defaults above.
    package init() {}

    /// Arithmetic of matrices and activations. With `bf16` they are rounded to 8 significant bits; the weights that
    /// the optimizer updates, all sums, statistics, softmax and losses stay float32.
    package enum Precision: String, Sendable, CaseIterable, ConfigurationChoice { case fp32, bf16 }

    /// How gradients are added up: with `fast` the last bits depend on the number of ranks; `exact` adds in the order of a
    /// binary tree over the logical shards, whatever ranks compute them.
    package enum Reduction: String, Sendable, CaseIterable, ConfigurationChoice { case fast, exact }

    static let fields: [ConfigurationField<RunConfiguration>] = [
        .value("seed", \.seed),
        .value("precision", \.precision),
        .value("reduction", \.reduction),
        .value("program", \.program),
        .group("model", \.model),
        .group(
            "data", \.data, inapplicability: { $0.program == .pretraining ? nil : "only for program pretraining" }),
        .group(
            "task", \.task, inapplicability: { $0.program == .finetuning ? nil : "only for program finetuning" }),
        .group("batch", \.batch),
        .group("optimizer", \.optimizer),
        .group("schedule", \.schedule),
        .group("training", \.training, determinesTraining: false),
        .group("evaluation", \.evaluation, determinesTraining: false),
        .group("checkpoint", \.checkpoint, determinesTraining: false),
        .group("cluster", \.cluster, determinesTraining: false),
        .value("threads", \.threads, .within(0...1024), determinesTraining: false),
    ]

    /// Checks every value and the relations between them.
    ///
    /// - Throws: `ConfigurationError` naming the key, what was expected and what came.
    package func validate() throws(ConfigurationError) { try check(path: "") }

    func checkRelations(path: String) throws(ConfigurationError) {
        if let total = schedule.totalSteps, training.steps > total, schedule.name != .constant {
            throw ConfigurationError(
                .inconsistent, key: "training.steps",
                message: "\(training.steps) is more than schedule.total_steps, \(total): the rest would not learn")
        }
    }
}
