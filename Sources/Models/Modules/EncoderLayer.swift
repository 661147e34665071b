import Tensor

/// What the parts of one encoder layer are called in a family's state dict.
struct EncoderLayerNames {
    let query: String
    let key: String
    let value: String
    let attentionOutput: String
    let attentionNorm: String
    let intermediate: String
    let output: String
    let outputNorm: String
}

/// One post-norm transformer layer (Vaswani et al. 2017, §3; Devlin et al. 2019):
/// h = LN(x + drop(attention(x)·Wo + bo)), y = LN(h + drop(act(h·W1 + b1)·W2 + b2)).
struct EncoderLayer {
    private let attention: AttentionInput
    private let attentionOutput: Linear
    private let attentionNorm: LayerNorm
    private let intermediate: Linear
    private let output: Linear
    private let outputNorm: LayerNorm
    private let headCount: Int
    private let activation: Activation

    /// Binds to the parameters called `names`.
    init(_ names: EncoderLayerNames, _ configuration: any EncoderConfiguration, _ parameters: ParameterArena) {
        let epsilon = configuration.layerNormEpsilon
        attention = AttentionInput([names.query, names.key, names.value], parameters)
        attentionOutput = Linear(names.attentionOutput, parameters)
        attentionNorm = LayerNorm(names.attentionNorm, epsilon: epsilon, parameters)
        intermediate = Linear(names.intermediate, parameters)
        output = Linear(names.output, parameters)
        outputNorm = LayerNorm(names.outputNorm, epsilon: epsilon, parameters)
        headCount = configuration.headCount
        activation = configuration.activation
    }

    /// [T, H] -> [T, H], or only the rows of the result that `rows` names (int32, [m]): [m, H]. `use` numbers the
    /// dropout sites.
    ///
    /// Rows meet each other in the attention alone, so the rest is computed for the wanted rows only, with the same
    /// numbers. Hidden dropout counts the rows that are computed, so a row's mask depends on its place among them.
    func callAsFunction(
        _ x: Tensor, sequences: SequenceOffsets, rows: Tensor?, dropout: DropoutPlan, use: Int
    ) -> Tensor {
        let all = Tensor.attention(
            qkv: attention(x), sequences: sequences, heads: headCount,
            dropout: dropout.attentionProbabilities(use: use))
        let context = rows.map { all.gatherRows(indices: $0) } ?? all
        let residual = rows.map { x.gatherRows(indices: $0) } ?? x
        let attended = attentionNorm(
            attentionOutput(context), residual: residual, dropout: dropout.attentionOutput(use: use))
        let transformed = attended.feedForward(
            inner: intermediate.weight, innerBias: intermediate.bias, outer: output.weight, outerBias: output.bias,
            activation: activation)
        // The feed-forward dropout follows the original code of both families. `transformers` declares but never
        // applies it in ALBERT, so training there and here differs when `hidden_dropout_prob` is not 0.
        return outputNorm(transformed, residual: attended, dropout: dropout.feedForwardOutput(use: use))
    }

    /// The attention probabilities for the input `x`, per sequence [A, S, S]; without dropout, outside any tape.
    func probabilities(_ x: Tensor, sequences: SequenceOffsets) -> [Tensor] {
        Tensor.withoutGradient {
            Tensor.attentionProbabilities(qkv: attention(x), sequences: sequences, heads: headCount)
        }
    }

    /// Whether any of the parameters is not frozen.
    var wantsGradients: Bool {
        let maps = [attentionOutput, intermediate, output].flatMap { [$0.weight, $0.bias] }
        let norms = [attentionNorm, outputNorm].flatMap { [$0.weight, $0.bias] }
        return attention.wantsGradients || (maps + norms).contains { $0.requiresGradient }
    }

    /// The parameters of one layer, in the order of the computation.
    static func entries(
        _ names: EncoderLayerNames, _ configuration: any EncoderConfiguration
    ) -> [ParameterEntry] {
        let (width, inner, std) = (
            configuration.hiddenSize, configuration.intermediateSize, configuration.initializerRange
        )
        return AttentionInput.entries([names.query, names.key, names.value], width: width, std: std)
            + Linear.entries(names.attentionOutput, output: width, input: width, std: std)
            + LayerNorm.entries(names.attentionNorm, width: width)
            + Linear.entries(names.intermediate, output: inner, input: width, std: std)
            + Linear.entries(names.output, output: width, input: inner, std: std)
            + LayerNorm.entries(names.outputNorm, width: width)
    }
}
