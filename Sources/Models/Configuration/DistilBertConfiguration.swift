package import Tensor

/// Configuration of a DistilBERT model: BERT without token types and pooler (Sanh et al. 2019). The defaults are those
/// of distilbert-base-uncased.
///
/// `sinusoidal_pos_embds` only says how a position table starts that is not in a file, so it is kept among the other
/// keys; a new table is drawn like the word table.
package struct DistilBertConfiguration: EncoderConfiguration {
    /// `model_type` in `config.json`.
    package static let modelType = "distilbert"
    /// What its classes in `transformers` begin with.
    package static let classPrefix = "DistilBert"
    /// The names of its keys.
    package static let keyNames = EncoderKeyNames(
        hiddenSize: "dim", layerCount: "n_layers", headCount: "n_heads", intermediateSize: "hidden_dim",
        activation: "activation", hiddenDropoutRate: "dropout", attentionDropoutRate: "attention_dropout",
        tokenTypeCount: nil, layerNormEpsilon: nil)
    /// The original code drops the probabilities and the feed-forward output, but not what lies between.
    package static let dropsAttentionOutput = false

    /// Rows of the word table, V.
    package var vocabularySize = 30522
    /// Width of the encoder, H.
    package var hiddenSize = 768
    /// Encoder layers, L.
    package var layerCount = 6
    /// Attention heads, A.
    package var headCount = 12
    /// Width inside the feed-forward block, I.
    package var intermediateSize = 3072
    /// The erf form of GELU unless the file says otherwise.
    package var activation = Activation.gelu
    /// Rate after the embeddings, on the feed-forward output and before a token classifier.
    package var hiddenDropoutRate = 0.1
    /// Rate of the dropout on attention probabilities.
    package var attentionDropoutRate = 0.1
    /// Rate before a sequence classifier and a multiple-choice scorer.
    package var sequenceDropoutRate = 0.2
    /// Rate before the question-answering head.
    package var questionDropoutRate = 0.1
    /// Rows of the position table, P.
    package var maximumPositions = 512
    /// 0: there is no token-type table.
    package var tokenTypeCount = 0
    /// Standard deviation of the initial weights.
    package var initializerRange = 0.02
    /// Epsilon of every layer normalisation; not in the file.
    package var layerNormEpsilon = 1e-12
    /// Id of the padding token.
    package var paddingID = 0
    /// Whether the masked-LM head decodes with the word table.
    package var tiesWordEmbeddings = true
    /// What the model was trained for.
    package var task = TaskSettings()
    /// Keys that mean nothing here, kept for writing back.
    package var otherKeys: [String: JSONValue] = [:]

    /// H: the embeddings are as wide as the encoder.
    package var embeddingWidth: Int { hiddenSize }

    /// The published defaults.
    package init() {}

    /// Reads `config.json` keys; throws `ModelsError` naming `source`, key, expected and got.
    package init(keys: [String: JSONValue], source: String) throws(ModelsError) {
        var reader = ConfigurationReader(keys, source: source)
        try readCommonKeys(&reader)
        sequenceDropoutRate = try reader.rate("seq_classif_dropout", default: sequenceDropoutRate)
        questionDropoutRate = try reader.rate("qa_dropout", default: questionDropoutRate)
        otherKeys = reader.remaining
    }

    /// The keys as written to `config.json`, without `architectures`.
    package var keys: [String: JSONValue] {
        let own: [String: JSONValue] = [
            "seq_classif_dropout": .real(sequenceDropoutRate), "qa_dropout": .real(questionDropoutRate),
        ]
        return otherKeys.merging(commonKeys) { $1 }.merging(own) { $1 }
    }
}
