import Glibc
package import Tensor

/// The forms in which LAMB was published.
package struct LambForm: Sendable, Equatable {
    /// Divides the moments by 1 − β^t.
    package var correctsBias: Bool
    /// Scales the updates of all parameters by their trust ratios, not only of the decayed ones.
    package var adaptsAll: Bool

    /// Of the ALBERT program: no bias correction.
    package static let albert = LambForm(correctsBias: false, adaptsAll: false)
    /// You et al. 2020, Algorithm 2, with the identity as φ; also NVIDIA's, whose division of the gradients by
    /// max(1, norm/c) is clipping in the TF form.
    package static let biasCorrected = LambForm(correctsBias: true, adaptsAll: false)
    /// NVIDIA's with its `nvlamb` switch.
    package static let nvlamb = LambForm(correctsBias: true, adaptsAll: true)

    /// A form put together by hand.
    package init(correctsBias: Bool, adaptsAll: Bool) {
        self.correctsBias = correctsBias
        self.adaptsAll = adaptsAll
    }
}

/// LAMB: Adam's direction, scaled per parameter by the ratio of the norms of weights and direction (You et al. 2020).
package final class Lamb: Optimizer {
    /// The parameters that are updated.
    package let arena: ParameterArena
    /// Updates made so far.
    package var updateCount = 0
    /// The ratio of each parameter in the last step, in the arena's order; 1 where none applies.
    package private(set) var trustRatios: [Double]
    /// The norm of each parameter's direction in the last step.
    package private(set) var directionNorms: [Double]

    private let form: LambForm
    private let weightDecay: Double
    private let plan: UpdatePlan
    private let moments: AdamMoments

    /// An optimizer with all states zero. `scales` are the parameters' shares of the learning rate, in the arena's order;
    /// one of 0 is left alone. Nil gives all the whole rate.
    package init(
        _ arena: ParameterArena, form: LambForm = .albert, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-6, weightDecay: Double = 0.01, decayRule: DecayRule = .standard,
        scales: [Double]? = nil
    ) {
        self.arena = arena
        self.form = form
        self.weightDecay = weightDecay
        plan = UpdatePlan(arena, rule: decayRule, scales: scales)
        moments = AdamMoments(arena, beta1: beta1, beta2: beta2, epsilon: epsilon)
        trustRatios = Array(repeating: 1, count: arena.entries.count)
        directionNorms = Array(repeating: 0, count: arena.entries.count)
    }

    /// The moments.
    package var states: [OptimizerState] { moments.states }

    /// One update; spends the gradients.
    package func step(learningRate: Double, gradientScale: Double) {
        updateCount += 1
        let corrections = form.correctsBias ? moments.corrections(after: updateCount) : (first: 1, second: 1)
        // The direction takes the place of the gradient, which is not needed any more.
        let direction = arena.gradients
        let (weights, context, plan, moments) = (arena.values, arena.values.context, plan, moments)
        var partial = [OptimizerKernels.Squares](repeating: .zero, count: plan.blocks.count)
        unsafe partial.withUnsafeMutableBufferPointer { partial in
            let partial = unsafe partial
            context.pool.run(blocks: plan.blocks.count) { index in
                let block = plan.blocks[index]
                OptimizerKernels.moments(
                    gradient: direction, scale: gradientScale, first: moments.first, second: moments.second,
                    block.range, beta1: moments.beta1, beta2: moments.beta2)
                unsafe partial[index] = OptimizerKernels.adamDirection(
                    first: moments.first, second: moments.second, weights: weights, into: direction, block.range,
                    corrections: corrections, epsilon: moments.epsilon,
                    decay: plan.decays[block.entry] ? weightDecay : 0)
            }
        }
        updateRatios(partial)
        let ratios = trustRatios
        context.pool.run(blocks: plan.blocks.count) { index in
            let block = plan.blocks[index]
            OptimizerKernels.addScaled(
                direction, by: -learningRate * plan.scales[block.entry] * ratios[block.entry], to: weights, block.range)
        }
    }

    /// Adds up the blocks' squares, in order, and takes the ratios of the norms.
    private func updateRatios(_ partial: [OptimizerKernels.Squares]) {
        var squares = [OptimizerKernels.Squares](repeating: .zero, count: arena.entries.count)
        for (block, sum) in zip(plan.blocks, partial) {
            squares[block.entry].weights += sum.weights
            squares[block.entry].direction += sum.direction
        }
        for (entry, sum) in squares.enumerated() {
            directionNorms[entry] = sqrt(sum.direction)
            let adapts = form.adaptsAll || plan.decays[entry]
            let defined = sum.weights > 0 && sum.direction > 0
            trustRatios[entry] = adapts && defined ? sqrt(sum.weights) / sqrt(sum.direction) : 1
        }
    }
}
