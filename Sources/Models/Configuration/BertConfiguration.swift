package import Tensor

/// Configuration of a BERT model (Devlin et al. 2019, §3). The defaults are those of bert-base-uncased.
package struct BertConfiguration: EncoderConfiguration {
    /// `model_type` in `config.json`.
    package static let modelType = "bert"
    /// What its classes in `transformers` begin with.
    package static let classPrefix = "Bert"

    /// Rows of the word table, V.
    package var vocabularySize = 30522
    /// Width of the encoder, H.
    package var hiddenSize = 768
    /// Encoder layers, L.
    package var layerCount = 12
    /// Attention heads, A.
    package var headCount = 12
    /// Width inside the feed-forward block, I.
    package var intermediateSize = 3072
    /// The erf form of GELU unless the file says otherwise.
    package var activation = Activation.gelu
    /// Rate of every dropout but the next.
    package var hiddenDropoutRate = 0.1
    /// Rate of the dropout on attention probabilities.
    package var attentionDropoutRate = 0.1
    /// Rate of the dropout before a classification head; nil means `hiddenDropoutRate`.
    package var classifierDropoutRate: Double?
    /// Rows of the position table, P.
    package var maximumPositions = 512
    /// Rows of the token-type table, T.
    package var tokenTypeCount = 2
    /// Standard deviation of the initial weights.
    package var initializerRange = 0.02
    /// Epsilon of every layer normalisation.
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
        classifierDropoutRate = try reader.optionalRate("classifier_dropout")
        otherKeys = reader.remaining
    }

    /// The keys as written to `config.json`, without `architectures`.
    package var keys: [String: JSONValue] {
        let own: [String: JSONValue] = ["classifier_dropout": classifierDropoutRate.map { .real($0) } ?? .null]
        return otherKeys.merging(commonKeys) { $1 }.merging(own) { $1 }
    }
}
