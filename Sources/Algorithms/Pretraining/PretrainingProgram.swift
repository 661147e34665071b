import Models
package import Tensor
import Text

/// Masked-language-model and sentence-pair pretraining of a BERT-family encoder (Devlin et al. 2019; Lan et al. 2020).
///
/// One step: every rank computes its logical shards, losses divided by the counts of the *global* batch, so that the
/// summed gradients are those of one machine with the whole batch; the sum over ranks; clipping; the update, which
/// every rank makes on its own copy of the weights.
package final class PretrainingProgram: TrainingProgram {
    package let totalSteps: Int
    let configuration: RunConfiguration
    let data: PretrainingData
    let arena: ParameterArena
    let model: EncoderModel
    let optimizer: any Optimizer
    private let context: ComputeContext
    private let gradientNorm: GradientNorm
    private let schedule: LearningRateSchedule
    private let shards: LogicalShards
    private let gradients: GradientReduction
    let sampler: PretrainingSampler

    /// Opens the data, builds the model and initializes its weights from the seed.
    ///
    /// - Throws: `TextError`, `ModelsError` or `ConfigurationError` when data, model and run file disagree.
    package init(_ configuration: RunConfiguration, in context: ComputeContext) throws {
        self.configuration = configuration
        self.context = context
        totalSteps = configuration.training.steps
        data = try PretrainingData(configuration, verifying: .structure)
        shards = LogicalShards(
            globalBatchSize: configuration.batch.globalBatchSize, microbatchSize: configuration.batch.microbatchSize)
        sampler = PretrainingSampler(dataset: data.training, shards: shards, seed: configuration.seed)
        let modelConfiguration = configuration.model.configuration
        arena = ParameterArena(
            entries: modelConfiguration.parameterEntries(), computeType: configuration.precision.computeType,
            extraGradientElements: StepSums.count, in: context)
        arena.initialize(seed: configuration.seed)
        model = EncoderModel(modelConfiguration, head: .pretraining, parameters: arena)
        optimizer = configuration.optimizer.makeOptimizer(for: arena, scales: try model.select(configuration.optimizer))
        gradients = GradientReduction(arena, shards, configuration.reduction)
        gradientNorm = GradientNorm(arena)
        schedule = LearningRateSchedule(configuration)
    }

    package var parameterCount: Int { arena.parameterCount }

    package var summary: [String: String] {
        [
            "model": configuration.model.preset ?? configuration.model.type.rawValue,
            "parameters": String(arena.parameterCount),
            "training_records": String(data.training.count),
            "heldout_records": String(data.heldOut.count),
            "precision": configuration.precision.summary,
            "optimizer": "\(configuration.optimizer.name.rawValue) (\(configuration.optimizer.form.rawValue))",
            "global_batch_size": String(configuration.batch.globalBatchSize),
        ]
    }

    // MARK: One step

    package func train(step: Int, stopRequested: Bool, exchange: any GradientExchange) throws -> StepOutcome {
        let plan = try sampler.plan(step: step)
        arena.refreshWeights()
        let sums = try gradients.sum(step: step, exchange, rankSums: StepSums(stopRequests: stopRequested ? 1 : 0)) {
            shard in
            let batch = PretrainingBatch(try sampler.records(of: plan, shard: shard), in: context)
            let key = RandomKey(seed: configuration.seed, step: UInt64(step), shard: UInt32(shard))
            let (loss, shardSums) = PretrainingLoss.compute(
                model.forward(batch, dropout: key, checkpointing: configuration.training.activationCheckpointing),
                batch,
                predictionDenominator: PretrainingLoss.predictionDenominator(weight: Double(plan.predictions)),
                pairDenominator: Double(shards.globalBatchSize))
            loss.backward()
            return StepSums(losses: shardSums)
        }

        let learningRate = schedule.rate(at: step)
        let clip = GradientClip(configuration.optimizer.gradientClip)
        let norm = context.measured(.optimizer) {
            let norm = gradientNorm.global
            optimizer.step(learningRate: learningRate, gradientScale: clip.scale(globalNorm: norm))
            return norm
        }

        var values = sums.values(pairTask: data.pairTask)
        values["learning_rate"] = learningRate
        values["gradient_norm"] = norm
        values["tokens"] = Double(plan.tokens)
        values["padded_tokens"] = Double(plan.paddedTokens)
        guard let loss = values["loss"], loss.isFinite, norm.isFinite else {
            throw AlgorithmsError(
                .notFinite, subject: "step \(step + 1)",
                "training diverged: loss \(values["loss"] ?? .nan), gradient norm \(norm); lower "
                    + "optimizer.learning_rate (now \(learningRate)) or lengthen schedule.warmup_steps")
        }
        return StepOutcome(values: values, stop: sums.stopRequests > 0, tokens: plan.tokens)
    }

    // MARK: Evaluation

    package func evaluate(step: Int, exchange: any GradientExchange) throws -> [String: Double] {
        let size = configuration.evaluation.batchSize
        let count = min(data.heldOut.count, configuration.evaluation.maximumBatches * size)
        arena.refreshWeights()
        var metrics = PretrainingMetrics()
        for (index, start) in stride(from: 0, to: count, by: size).enumerated()
        where index % exchange.worldSize == exchange.rank {
            let records = try (start..<min(start + size, count)).map { try data.heldOut.record(at: $0) }
            let batch = PretrainingBatch(records, in: context)
            let (_, sums) = Tensor.withoutGradient {
                PretrainingLoss.compute(
                    model.forward(batch, dropout: nil), batch, predictionDenominator: 1, pairDenominator: 1)
            }
            try metrics.add(
                PretrainingScore(
                    maskedLoss: sums.maskedLMLossSum, maskedCorrect: sums.maskedLMCorrect,
                    maskedWeight: sums.maskedLMWeight, unigramLoss: data.unigram.loss(of: records.flatMap(\.maskedIDs)),
                    pairLoss: sums.pairLossSum, pairCorrect: Int(sums.pairCorrect), pairCount: Int(sums.pairCount),
                    pairPositives: records.count { $0.pairLabel == 1 }))
        }
        var vector = metrics.exchangeVector
        try unsafe vector.withUnsafeMutableBufferPointer { try unsafe exchange.sum($0, step: step) }
        let report = try PretrainingMetrics(exchangeVector: vector).report(globalStep: step, pairTask: data.pairTask)
        return Dictionary(uniqueKeysWithValues: report.pairs.map { ($0.key, $0.value) })
    }
}

extension RunConfiguration.Precision {
    /// What matrices and activations are computed in; nil for the type of the weights themselves.
    var computeType: DType? { self == .bf16 ? .bfloat16 : nil }

    /// The precision as a run reports it: whether the processor itself multiplies in it.
    var summary: String {
        self == .bf16 && !BFloat16Support.isNative ? "bf16 (emulated: this CPU has no AVX512-BF16)" : rawValue
    }
}
