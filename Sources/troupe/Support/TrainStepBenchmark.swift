import Algorithms
import Models
import Tensor
import Text

/// Runs the training step of a workload: the one of `PretrainingProgram` on one machine, over synthetic records.
final class TrainStepBenchmark {
    private let workload: StepWorkload
    private let context: ComputeContext
    private let records: [PretrainingRecord]
    private let arena: ParameterArena
    private let model: EncoderModel
    private let optimizer: any Optimizer
    private let norm: GradientNorm
    private let clip = GradientClip(norm: 1, form: .tf)
    private var stepCount: UInt64 = 0

    /// Builds the model with random parameters and the optimizer with empty states.
    init(_ workload: StepWorkload, in context: ComputeContext) {
        self.workload = workload
        self.context = context
        records = workload.records()
        arena = workload.precision.makeArena(workload.model.parameterEntries(), in: context)
        model = EncoderModel(workload.model, head: .pretraining, parameters: arena)
        var section = OptimizerSection()
        section.name = workload.optimizer
        // PyTorch's form of AdamW does what its fused implementation does.
        section.form = workload.optimizer == .adamw ? .torch : .albert
        optimizer = section.makeOptimizer(for: arena)
        norm = GradientNorm(arena)
    }

    /// Trained numbers.
    var parameterCount: Int { arena.parameterCount }

    /// Makes one step; returns how long it took, and the loss before it.
    func step() -> (measurement: StepMeasurement, loss: Double) {
        context.profile.reset()
        var clock = PhaseClock()
        arena.refreshWeights()
        arena.zeroGradients()
        let batch = PretrainingBatch(records, in: context)
        let key = RandomKey(seed: 1, step: stepCount)
        clock.book(.other)
        let (loss, sums) = PretrainingLoss.compute(
            model.forward(batch, dropout: key, checkpointing: workload.recomputesActivations), batch,
            predictionDenominator: PretrainingLoss.predictionDenominator(weight: Double(workload.predictions)),
            pairDenominator: Double(workload.batchSize))
        clock.book(.forward)
        loss.backward()
        clock.book(.backward)
        context.measured(.optimizer) {
            optimizer.step(learningRate: 1e-4, gradientScale: clip.scale(globalNorm: norm.global))
        }
        clock.book(.optimizer)
        stepCount += 1
        let measurement = StepMeasurement(
            seconds: clock.elapsed, phases: clock.phases,
            operations: Dictionary(
                uniqueKeysWithValues: context.profile.seconds.map { ($0.key.rawValue, $0.value) }))
        return (
            measurement,
            sums.maskedLMLossSum / Double(workload.predictions) + sums.pairLossSum / Double(workload.batchSize)
        )
    }
}
