package import Tensor

/// An optimizer that also holds a copy of the best weights so far, as one more state: so that it is saved, restored and
/// spread over the ranks with the others.
package final class BestKeepingOptimizer: Optimizer {
    private let optimizer: any Optimizer
    /// The best weights so far; the initial ones until there are better ones.
    let bestWeights: Tensor

    /// Keeps the weights of `optimizer`'s arena.
    init(_ optimizer: any Optimizer) {
        self.optimizer = optimizer
        bestWeights = optimizer.arena.values.copied()
    }

    package var arena: ParameterArena { optimizer.arena }
    package var states: [OptimizerState] {
        optimizer.states + [OptimizerState(name: "best_weights", values: bestWeights)]
    }
    package var updateCount: Int {
        get { optimizer.updateCount }
        set { optimizer.updateCount = newValue }
    }

    package func step(learningRate: Double, gradientScale: Double) {
        optimizer.step(learningRate: learningRate, gradientScale: gradientScale)
    }

    /// The present weights are the best so far.
    func keepWeights() { bestWeights.copy(from: arena.values) }
}
