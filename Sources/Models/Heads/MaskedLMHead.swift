import Tensor

/// What the parts of a masked-LM head are called in a family's state dict.
struct MaskedLMHeadNames {
    let dense: String
    let norm: String
    /// The whole name of the output bias of a head that decodes with the word table.
    let bias: String
    /// The decoder: where files repeat the word table and the bias, and where they keep those of an untied head.
    let decoder: String
    /// nil: that of the encoder.
    var activation: Activation?

    /// The whole name of the output bias. An untied head has the decoder's: the other one is in files, but unused.
    func bias(tied: Bool) -> String { tied ? bias : "\(decoder).bias" }
}

/// The masked-language-model head: LN(act(h·W + b))·Eᵀ + bias, with E the word table itself (tied) or a matrix of the
/// head's own.
struct MaskedLMHead {
    private let dense: Linear
    private let norm: LayerNorm
    private let bias: Tensor
    private let decoder: Tensor
    private let activation: Activation

    /// Binds to the parameters called `names` and, as the decoder of a tied head, to the table called `wordTable`.
    init(
        _ names: MaskedLMHeadNames, _ configuration: any EncoderConfiguration, wordTable: String,
        _ parameters: ParameterArena
    ) {
        let tied = configuration.tiesWordEmbeddings
        dense = Linear(names.dense, parameters)
        norm = LayerNorm(names.norm, epsilon: configuration.layerNormEpsilon, parameters)
        bias = parameters[names.bias(tied: tied)]
        decoder = parameters.weight(tied ? wordTable : "\(names.decoder).weight")
        activation = names.activation ?? configuration.activation
    }

    /// Hidden rows [n, H] at the masked positions -> logits [n, V] of the parameters' own type, whatever the type of
    /// the rows: a loss over thousands of words wants more digits than a hidden state.
    func callAsFunction(_ rows: Tensor) -> Tensor {
        norm(dense(rows, activation: activation)).linear(weight: decoder, bias: bias, resultType: bias.dtype)
    }

    /// The parameters that are not shared with the embeddings.
    static func entries(
        _ names: MaskedLMHeadNames, _ configuration: any EncoderConfiguration
    ) -> [ParameterEntry] {
        let (width, words) = (configuration.embeddingWidth, configuration.vocabularySize)
        let tied = configuration.tiesWordEmbeddings
        let own = ParameterEntry(
            name: "\(names.decoder).weight", shape: [words, width],
            initializer: .truncatedNormal(std: configuration.initializerRange))
        return Linear.entries(
            names.dense, output: width, input: configuration.hiddenSize, std: configuration.initializerRange)
            + LayerNorm.entries(names.norm, width: width)
            + (tied ? [] : [own])
            + [ParameterEntry(name: names.bias(tied: tied), shape: [words], initializer: .zeros)]
    }
}
