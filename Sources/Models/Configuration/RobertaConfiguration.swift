package import Tensor

/// Configuration of a RoBERTa model: BERT's encoder with one token type, and positions that start behind the padding id
/// (Liu et al. 2019). The defaults are those of roberta-base.
package struct RobertaConfiguration: EncoderConfiguration {
    /// `model_type` in `config.json`.
    package static let modelType = "roberta"
    /// What its classes in `transformers` begin with.
    package static let classPrefix = "Roberta"

    /// Rows of the word table, V.
    package var vocabularySize = 50265
    /// Width of the encoder, H.
    package var hiddenSize = 768
    /// Encoder layers, L.
    package var layerCount = 12
    /// Attention heads, A.
    package var headCount = 12
    /// Width inside the feed-forward block, I.
    package var intermediateSize = 3072
    /// The erf form of GELU unless the file says otherwise; that of the masked-LM head whatever it says.
    package var activation = Activation.gelu
    /// Rate of every dropout but the next.
    package var hiddenDropoutRate = 0.1
    /// Rate of the dropout on attention probabilities.
    package var attentionDropoutRate = 0.1
    /// Rate of the dropout before a classification head; nil means `hiddenDropoutRate`.
    package var classifierDropoutRate: Double?
    /// Rows of the position table, P; the first `paddingID + 1` belong to no token.
    package var maximumPositions = 514
    /// Rows of the token-type table, T.
    package var tokenTypeCount = 1
    /// Standard deviation of the initial weights.
    package var initializerRange = 0.02
    /// Epsilon of every layer normalisation.
    package var layerNormEpsilon = 1e-5
    /// Id of the padding token.
    package var paddingID = 1
    /// Id of <s>.
    package var beginningID = 0
    /// Id of </s>.
    package var endID = 2
    /// Whether the masked-LM head decodes with the word table.
    package var tiesWordEmbeddings = true
    /// What the model was trained for.
    package var task = TaskSettings()
    /// Keys that mean nothing here, kept for writing back.
    package var otherKeys: [String: JSONValue] = [:]

    /// H: the embeddings are as wide as the encoder.
    package var embeddingWidth: Int { hiddenSize }
    /// 512 of the published 514 rows.
    package var maximumTokens: Int { maximumPositions - paddingID - 1 }

    /// The published defaults.
    package init() {}

    /// Reads `config.json` keys; throws `ModelsError` naming `source`, key, expected and got.
    package init(keys: [String: JSONValue], source: String) throws(ModelsError) {
        var reader = ConfigurationReader(keys, source: source)
        try readCommonKeys(&reader)
        classifierDropoutRate = try reader.optionalRate("classifier_dropout")
        let ids = 0...(vocabularySize - 1)
        beginningID = try reader.integer("bos_token_id", default: beginningID, in: ids)
        endID = try reader.integer("eos_token_id", default: endID, in: ids)
        if maximumTokens < 1 {
            throw ModelsError(
                .invalidConfiguration, source: source,
                "key 'max_position_embeddings': expected more than pad_token_id + 1 (\(paddingID + 1)), "
                    + "got \(maximumPositions)")
        }
        otherKeys = reader.remaining
    }

    /// The keys as written to `config.json`, without `architectures`.
    package var keys: [String: JSONValue] {
        let own: [String: JSONValue] = [
            "classifier_dropout": classifierDropoutRate.map { .real($0) } ?? .null,
            "bos_token_id": .integer(beginningID), "eos_token_id": .integer(endID),
        ]
        return otherKeys.merging(commonKeys) { $1 }.merging(own) { $1 }
    }

    /// Counts the tokens that are no padding, from `paddingID + 1` on; padding has the row of its own id.
    package func positions(of ids: [Int32]) -> [Int32] {
        let padding = Int32(paddingID)
        var last = padding
        return ids.map { id in
            if id == padding { return padding }
            last += 1
            return last
        }
    }
}
