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
    private let weightDecay: Double
    private let plan: UpdatePlan
    private let moments: AdamMoments

    /// An optimizer with all states zero. `scales` are the parameters' shares of the learning rate, in the arena's order;
    /// one of 0 is left alone. Nil gives all the whole rate.
    package init(
        _ arena: ParameterArena, form: Form = .bert, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-6, weightDecay: Double = 0.01, decayRule: DecayRule = .standard,
        scales: [Double]? = nil
    ) {
        self.arena = arena
        self.form = form
        self.weightDecay = weightDecay
        plan = UpdatePlan(arena, rule: decayRule, scales: scales)
        moments = AdamMoments(arena, beta1: beta1, beta2: beta2, epsilon: epsilon)
    }

    /// The moments.
    package var states: [OptimizerState] { moments.states }

    /// One update; spends the gradients.
    package func step(learningRate: Double, gradientScale: Double) {
        updateCount += 1
        let corrections = moments.corrections(after: updateCount)
        let (arena, plan, moments) = (arena, plan, moments)
        arena.values.context.pool.run(blocks: plan.blocks.count) { index in
            let block = plan.blocks[index]
            OptimizerKernels.adamW(
                gradient: arena.gradients, scale: gradientScale, first: moments.first, second: moments.second,
                weights: arena.values, block.range, form: form, rate: learningRate * plan.scales[block.entry],
                beta1: moments.beta1,
                beta2: moments.beta2, epsilon: moments.epsilon, decay: plan.decays[block.entry] ? weightDecay : 0,
                corrections: corrections)
        }
    }
}
