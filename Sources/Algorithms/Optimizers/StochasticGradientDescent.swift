package import Tensor

/// Stochastic gradient descent with momentum, as in PyTorch: d = g + decay·w; velocity = momentum·velocity + d;
/// w −= rate·velocity.
package final class StochasticGradientDescent: Optimizer {
    /// The parameters that are updated.
    package let arena: ParameterArena
    /// Updates made so far.
    package var updateCount = 0

    private let momentum: Double
    private let weightDecay: Double
    private let plan: UpdatePlan
    /// Nil without momentum.
    private let velocity: Tensor?

    /// An optimizer with all states zero. `scales` are the parameters' shares of the learning rate, in the arena's order;
    /// one of 0 is left alone. Nil gives all the whole rate.
    package init(
        _ arena: ParameterArena, momentum: Double = 0, weightDecay: Double = 0, decayRule: DecayRule = .standard,
        scales: [Double]? = nil
    ) {
        self.arena = arena
        self.momentum = momentum
        self.weightDecay = weightDecay
        plan = UpdatePlan(arena, rule: decayRule, scales: scales)
        velocity =
            momentum == 0
            ? nil : Tensor(zeros: arena.values.shape, dtype: arena.values.dtype, in: arena.values.context)
    }

    /// The velocity, if there is momentum.
    package var states: [OptimizerState] {
        velocity.map { [OptimizerState(name: "momentum_buffer", values: $0)] } ?? []
    }

    /// One update; spends the gradients.
    package func step(learningRate: Double, gradientScale: Double) {
        updateCount += 1
        let (arena, plan) = (arena, plan)
        arena.values.context.pool.run(blocks: plan.blocks.count) { index in
            let block = plan.blocks[index]
            OptimizerKernels.sgd(
                gradient: arena.gradients, scale: gradientScale, velocity: velocity, weights: arena.values,
                block.range, rate: learningRate * plan.scales[block.entry], momentum: momentum,
                decay: plan.decays[block.entry] ? weightDecay : 0)
        }
    }
}
