import Glibc
import Tensor

/// The state that Adam's descendants share: exponential averages of the gradients and of their squares, and the numbers
/// that rule them (Kingma and Ba 2015).
struct AdamMoments {
    let beta1: Double
    let beta2: Double
    let epsilon: Double
    let first: Tensor
    let second: Tensor

    /// Moments of zero for every element of `arena`.
    init(_ arena: ParameterArena, beta1: Double, beta2: Double, epsilon: Double) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        first = Tensor(zeros: arena.values.shape, dtype: arena.values.dtype, in: arena.values.context)
        second = Tensor(zeros: arena.values.shape, dtype: arena.values.dtype, in: arena.values.context)
    }

    /// What a checkpoint keeps of them.
    var states: [OptimizerState] {
        [OptimizerState(name: "exp_avg", values: first), OptimizerState(name: "exp_avg_sq", values: second)]
    }

    /// 1/(1 − β^t) for both moments after `updates` updates.
    func corrections(after updates: Int) -> (first: Double, second: Double) {
        (1 / (1 - pow(beta1, Double(updates))), 1 / (1 - pow(beta2, Double(updates))))
    }
}
