import Tensor

/// y = x·Wᵀ + b with W [out, in], W in the compute type, b as it is stored.
struct Linear {
    let weight: Tensor
    let bias: Tensor

    /// Binds to the parameters `name.weight` and `name.bias`.
    init(_ name: String, _ parameters: ParameterArena) {
        weight = parameters.weight("\(name).weight")
        bias = parameters["\(name).bias"]
    }

    /// [..., in] -> [..., out], in the type of `x` unless `resultType` says otherwise.
    func callAsFunction(_ x: Tensor, activation: Activation = .none, resultType: DType? = nil) -> Tensor {
        x.linear(weight: weight, bias: bias, activation: activation, resultType: resultType)
    }

    /// The two parameters. Weights are drawn from a normal of `std` truncated at two standard deviations, as the
    /// original TensorFlow code does (not from a plain normal, as `transformers` does).
    static func entries(_ name: String, output: Int, input: Int, std: Double) -> [ParameterEntry] {
        [
            ParameterEntry(name: "\(name).weight", shape: [output, input], initializer: .truncatedNormal(std: std)),
            ParameterEntry(name: "\(name).bias", shape: [output], initializer: .zeros),
        ]
    }
}
