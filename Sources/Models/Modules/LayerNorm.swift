import Tensor

/// Layer normalisation over the last axis with the biased variance, epsilon inside the square root (Ba et al. 2016).
struct LayerNorm {
    let weight: Tensor
    let bias: Tensor
    let epsilon: Double

    /// Binds to the parameters `name.weight` and `name.bias`.
    init(_ name: String, epsilon: Double, _ parameters: ParameterArena) {
        weight = parameters["\(name).weight"]
        bias = parameters["\(name).bias"]
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        x.layerNorm(weight: weight, bias: bias, epsilon: epsilon)
    }

    /// LN(residual + dropout(x)): the end of both halves of a post-norm encoder layer.
    func callAsFunction(_ x: Tensor, residual: Tensor, dropout: Dropout?) -> Tensor {
        x.addLayerNorm(residual: residual, weight: weight, bias: bias, epsilon: epsilon, dropout: dropout)
    }

    /// The two parameters, one and zero at the start.
    static func entries(_ name: String, width: Int) -> [ParameterEntry] {
        [
            ParameterEntry(name: "\(name).weight", shape: [width], initializer: .ones),
            ParameterEntry(name: "\(name).bias", shape: [width], initializer: .zeros),
        ]
    }
}
