import Models
package import Tensor
import Text

/// Fine-tuning of a pretrained encoder on a labelled task (Devlin et al. 2019, §4): a new head, all or some of the
/// parameters trained, evaluations on held-out samples, and the weights of the best of them as the result.
package final class FineTuningProgram: TrainingProgram {
    package private(set) var totalSteps: Int
    let configuration: RunConfiguration
    let task: any FineTuningTask
    let arena: ParameterArena
    let model: EncoderModel
    let optimizer: BestKeepingOptimizer
    /// The parameters that the model's files lack, so that they come from the seed.
    private let newlyInitialized: [String]
    /// What the weights started from.
    let source: FineTuningSource
    let stream: EpochSampler
    var best: BestEvaluation?
    /// Read from the task once: it makes the list anew each time.
    private let trainingLengths: [Int]
    private let context: ComputeContext
    private let gradientNorm: GradientNorm
    private let schedule: LearningRateSchedule
    private let shards: LogicalShards
    private let gradients: GradientReduction

    /// Reads the task's data, builds the model and loads its weights; what the file lacks comes from the seed.
    ///
    /// - Throws: `TextError`, `ModelsError`, `AlgorithmsError` or `ConfigurationError` when data, model and run file
    ///   disagree.
    package init(_ configuration: RunConfiguration, in context: ComputeContext) throws {
        self.configuration = configuration
        self.context = context
        totalSteps = configuration.training.steps
        source = try FineTuningSource(configuration)
        task = try makeFineTuningTask(configuration, source)
        shards = LogicalShards(
            globalBatchSize: configuration.batch.globalBatchSize, microbatchSize: configuration.batch.microbatchSize)
        trainingLengths = task.trainingLengths
        stream = EpochSampler(count: trainingLengths.count, shards: shards, seed: configuration.seed)
        let modelConfiguration = source.configuration(for: task)
        arena = ParameterArena(
            entries: modelConfiguration.parameterEntries(head: task.head),
            computeType: configuration.precision.computeType, extraGradientElements: FineTuningSums.count, in: context)
        arena.initialize(seed: configuration.seed)
        newlyInitialized = try source.loadWeights(into: arena, modelConfiguration).missing
        model = EncoderModel(modelConfiguration, head: task.head, parameters: arena)
        optimizer = BestKeepingOptimizer(
            configuration.optimizer.makeOptimizer(for: arena, scales: try model.select(configuration.optimizer)))
        gradients = GradientReduction(arena, shards, configuration.reduction)
        gradientNorm = GradientNorm(arena)
        schedule = LearningRateSchedule(configuration)
    }

    package var parameterCount: Int { arena.parameterCount }

    package var summary: [String: String] {
        let trained = arena.entries.filter { !arena.frozenNames.contains($0.name) }.reduce(0) { $0 + $1.shape.count }
        return [
            "task": configuration.task.name,
            "model": source.name,
            "parameters": String(arena.parameterCount),
            "trained_parameters": String(trained),
            "newly_initialized": "[\(newlyInitialized.joined(separator: ", "))]",
            "precision": configuration.precision.summary,
            "optimizer": "\(configuration.optimizer.name.rawValue) (\(configuration.optimizer.form.rawValue))",
            "global_batch_size": String(configuration.batch.globalBatchSize),
        ].merging(task.summary) { $1 }
    }

    // MARK: One step

    package func train(step: Int, stopRequested: Bool, exchange: any GradientExchange) throws -> StepOutcome {
        let batch = stream.samples(step: step)
        let lengths = batch.map { trainingLengths[$0] }
        let dealt = shards.deal(lengths)
        arena.refreshWeights()
        let rankSums = FineTuningSums(stopRequests: stopRequested ? 1 : 0)
        let sums = try gradients.sum(step: step, exchange, rankSums: rankSums) { shard in
            let options = ForwardOptions(
                dropout: RandomKey(seed: configuration.seed, step: UInt64(step), shard: UInt32(shard)),
                checkpointing: configuration.training.activationCheckpointing)
            let (loss, part) = try task.loss(
                of: dealt[shard].map { batch[$0] }, batch: batch, model, options, in: context)
            if loss.requiresGradient { loss.backward() }
            return part
        }

        let learningRate = schedule.rate(at: step)
        let clip = GradientClip(configuration.optimizer.gradientClip)
        let norm = context.measured(.optimizer) {
            let norm = gradientNorm.global
            optimizer.step(learningRate: learningRate, gradientScale: clip.scale(globalNorm: norm))
            return norm
        }
        guard sums.loss.isFinite, norm.isFinite else {
            throw AlgorithmsError(
                .notFinite, subject: "step \(step + 1)",
                "training diverged: loss \(sums.loss), gradient norm \(norm); lower optimizer.learning_rate (now "
                    + "\(learningRate)) or lengthen schedule.warmup_steps")
        }
        let tokens = lengths.reduce(0, +)
        var values = [
            "loss": sums.loss, "learning_rate": learningRate, "gradient_norm": norm, "tokens": Double(tokens),
            "padded_tokens": Double(
                dealt.reduce(0) { $0 + $1.count * ($1.map { lengths[$0] }.max() ?? 0) }),
        ]
        if sums.weight > 0 { values["accuracy"] = sums.correct / sums.weight }
        return StepOutcome(values: values, stop: sums.stopRequests > 0, tokens: tokens)
    }

    // MARK: Evaluation

    package func evaluate(step: Int, exchange: any GradientExchange) throws -> [String: Double] {
        let metrics = try metrics(step: step, exchange)
        try compare(metrics, step: step)
        return metrics
    }

    /// The best weights become the current ones.
    package func evaluateResult(
        step: Int, latest: [String: Double], exchange: any GradientExchange
    ) throws -> [String: Double] {
        guard let best, best.step != step else { return latest }
        arena.values.copy(from: optimizer.bestWeights)
        return try metrics(step: step, exchange)
    }

    private func metrics(step: Int, _ exchange: any GradientExchange) throws -> [String: Double] {
        let counts = task.outputCounts
        var starts = [0]
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        var outputs = [Float](repeating: 0, count: starts[counts.count])
        let size = configuration.evaluation.batchSize
        arena.refreshWeights()
        for (index, start) in stride(from: 0, to: counts.count, by: size).enumerated()
        where index % exchange.worldSize == exchange.rank {
            let samples = start..<min(start + size, counts.count)
            let part = try Tensor.withoutGradient { try task.outputs(of: samples, model, in: context) }
            outputs.replaceSubrange(starts[samples.lowerBound]..<starts[samples.upperBound], with: part)
        }
        // Every rank has its own samples and zeros elsewhere, so the sum is the union.
        try unsafe outputs.withUnsafeMutableBufferPointer { try unsafe exchange.sum($0, step: step) }
        return try task.metrics(outputs)
    }

    /// Keeps the weights if the evaluation is the best so far; ends the run when it has not been for long enough.
    private func compare(_ metrics: [String: Double], step: Int) throws {
        let name = configuration.task.bestMetric ?? task.bestMetric
        guard let value = metrics[name] else {
            throw ConfigurationError(
                .outOfRange, key: "task.best_metric",
                message: "expected one of \(metrics.keys.sorted().joined(separator: ", ")), got \(name)")
        }
        if step == best?.step { return }
        if let best, !(value > best.value) {
            self.best?.misses = best.misses + 1
            let patience = configuration.task.earlyStoppingPatience
            if patience > 0, best.misses + 1 >= patience { totalSteps = step }
        } else {
            best = BestEvaluation(step: step, value: value)
            optimizer.keepWeights()
        }
    }
}
