import Tensor

/// What the parts of a masked-LM head are called in a family's state dict.
struct MaskedLMHeadNames {
    let dense: String
    let norm: String
    /// The whole name of the output bias.
    let bias: String
}

/// The masked-language-model head: LN(act(h·W + b))·Eᵀ + bias, with E the word table itself (tied).
struct MaskedLMHead {
    let dense: Linear
    let norm: LayerNorm
    let bias: Tensor
    let wordTable: Tensor
    let activation: Activation

    /// Binds to the parameters called `names`; `wordTable` [V, E], in the compute type, is the decoder.
    init(
        _ names: MaskedLMHeadNames, _ configuration: some EncoderConfiguration, wordTable: Tensor,
        _ parameters: ParameterArena
    ) {
        dense = Linear(names.dense, parameters)
        norm = LayerNorm(names.norm, epsilon: configuration.layerNormEpsilon, parameters)
        bias = parameters[names.bias]
        self.wordTable = wordTable
        activation = configuration.activation
    }

    /// Hidden rows [n, H] at the masked positions -> logits [n, V] of the parameters' own type, whatever the type of
    /// the rows: a loss over thousands of words wants more digits than a hidden state.
    func callAsFunction(_ rows: Tensor) -> Tensor {
        norm(dense(rows, activation: activation)).linear(weight: wordTable, bias: bias, resultType: bias.dtype)
    }

    /// The parameters that are not shared with the embeddings.
    static func entries(_ names: MaskedLMHeadNames, _ configuration: some EncoderConfiguration) -> [ParameterEntry] {
        let width = configuration.embeddingWidth
        return Linear.entries(
            names.dense, output: width, input: configuration.hiddenSize, std: configuration.initializerRange)
            + LayerNorm.entries(names.norm, width: width)
            + [ParameterEntry(name: names.bias, shape: [configuration.vocabularySize], initializer: .zeros)]
    }
}
