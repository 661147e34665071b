package import Tensor

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), in the forms that trained the published models.
package final class AdamW: Optimizer {
    /// The forms in which it was published.
    package typealias Form = OptimizerKernels.AdamWForm

    /// The parameters that are updated.
    package let arena: ParameterArena
    /// Updates made so far.
    package var updateCount = 0

    private let form: Form
    private let beta1: Double
    private let beta2: Double
    private let epsilon: Double
    private let weightDecay: Double
    private let plan: UpdatePlan
    private let first: Tensor
    private let second: Tensor

    /// An optimizer with all states zero.
    package init(
        _ arena: ParameterArena, form: Form = .bert, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-6, weightDecay: Double = 0.01, decayRule: DecayRule = .standard
    ) {
        self.arena = arena
        self.form = form
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        plan = UpdatePlan(arena, rule: decayRule)
        first = Tensor(zeros: arena.values.shape, dtype: arena.values.dtype, in: arena.values.context)
        second = Tensor(zeros: arena.values.shape, dtype: arena.values.dtype, in: arena.values.context)
    }

    /// The moments.
    package var states: [OptimizerState] {
        [OptimizerState(name: "exp_avg", values: first), OptimizerState(name: "exp_avg_sq", values: second)]
    }

    /// One update; spends the gradients.
    package func step(learningRate: Double, gradientScale: Double) {
        updateCount += 1
        let corrections = biasCorrections(beta1, beta2, updateCount)
        let (arena, plan) = (arena, plan)
        arena.values.context.pool.run(blocks: plan.blocks.count) { index in
            let block = plan.blocks[index]
            OptimizerKernels.adamW(
                gradient: arena.gradients, scale: gradientScale, first: first, second: second, weights: arena.values,
                block.range, form: form, rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
                decay: plan.decays[block.entry] ? weightDecay : 0, corrections: corrections)
        }
    }
}
