import Tensor

/// The three linear maps to queries, keys and values as one product: their parameters lie side by side in the arena, so
/// one matrix [3H, H] and one bias [3H] stand for all three. In a state dict they stay apart.
struct AttentionInput {
    private let weight: Tensor
    private let bias: Tensor

    /// Binds to `name.weight` and `name.bias` of each of `names`, in the order of their outputs.
    init(_ names: [String], _ parameters: ParameterArena) {
        weight = parameters.weight(joining: names.map { "\($0).weight" })
        bias = parameters.weight(joining: names.map { "\($0).bias" })
    }

    /// [T, H] -> [T, 3H], queries, keys and values side by side.
    func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight: weight, bias: bias) }

    /// Whether any of the parameters is not frozen.
    var wantsGradients: Bool { weight.requiresGradient || bias.requiresGradient }

    /// The matrices, each joined to the one before, then the biases.
    static func entries(_ names: [String], width: Int, std: Double) -> [ParameterEntry] {
        let pairs = names.map { Linear.entries($0, output: width, input: width, std: std) }
        return (0..<2).flatMap { part in
            pairs.enumerated().map { index, pair in
                let entry = pair[part]
                return ParameterEntry(
                    name: entry.name, shape: entry.shape, initializer: entry.initializer, joinsPrevious: index > 0)
            }
        }
    }
}
