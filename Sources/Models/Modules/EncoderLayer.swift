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
    let query: Linear
    let key: Linear
    let value: Linear
    let attentionOutput: Linear
    let attentionNorm: LayerNorm
    let intermediate: Linear
    let output: Linear
    let outputNorm: LayerNorm
    let headCount: Int
    let activation: Activation

    /// Binds to the parameters called `names`.
    init(_ names: EncoderLayerNames, _ configuration: some EncoderConfiguration, _ parameters: ParameterArena) {
        let epsilon = configuration.layerNormEpsilon
        query = Linear(names.query, parameters)
        key = Linear(names.key, parameters)
        value = Linear(names.value, parameters)
        attentionOutput = Linear(names.attentionOutput, parameters)
        attentionNorm = LayerNorm(names.attentionNorm, epsilon: epsilon, parameters)
        intermediate = Linear(names.intermediate, parameters)
        output = Linear(names.output, parameters)
        outputNorm = LayerNorm(names.outputNorm, epsilon: epsilon, parameters)
        headCount = configuration.headCount
        activation = configuration.activation
    }

    /// [B, S, H] -> [B, S, H]; `mask` [B, S] is added to the attention scores; `use` numbers the dropout sites.
    func callAsFunction(_ x: Tensor, mask: Tensor, dropout: DropoutPlan, use: Int) -> Tensor {
        let context = Tensor.attention(
            query: query(x), key: key(x), value: value(x), mask: mask, heads: headCount,
            dropout: dropout.attentionProbabilities(use: use))
        let attended = attentionNorm(
            attentionOutput(context), residual: x, dropout: dropout.attentionOutput(use: use))
        // The feed-forward dropout follows the original code of both families. `transformers` declares but never
        // applies it in ALBERT, so training there and here differs when `hidden_dropout_prob` is not 0.
        return outputNorm(
            output(intermediate(attended, activation: activation)), residual: attended,
            dropout: dropout.feedForwardOutput(use: use))
    }

    /// The parameters of one layer, in the order of the computation.
    static func entries(
        _ names: EncoderLayerNames, _ configuration: some EncoderConfiguration
    ) -> [ParameterEntry] {
        let (width, inner, std) = (
            configuration.hiddenSize, configuration.intermediateSize, configuration.initializerRange
        )
        return Linear.entries(names.query, output: width, input: width, std: std)
            + Linear.entries(names.key, output: width, input: width, std: std)
            + Linear.entries(names.value, output: width, input: width, std: std)
            + Linear.entries(names.attentionOutput, output: width, input: width, std: std)
            + LayerNorm.entries(names.attentionNorm, width: width)
            + Linear.entries(names.intermediate, output: inner, input: width, std: std)
            + Linear.entries(names.output, output: width, input: inner, std: std)
            + LayerNorm.entries(names.outputNorm, width: width)
    }
}
