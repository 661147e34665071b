package import Tensor

/// Configuration of an ALBERT model: factorised embeddings and layers shared across the depth (Lan et al. 2020, §3.1).
/// The defaults are those of `config.json` readers, which are the xxlarge sizes.
package struct AlbertConfiguration: EncoderConfiguration {
    /// `model_type` in `config.json`.
    package static let modelType = "albert"
    /// What its classes in `transformers` begin with.
    package static let classPrefix = "Albert"

    /// Rows of the word table, V.
    package var vocabularySize = 30000
    /// Width of the embedding tables, E; a linear map takes them to H.
    package var embeddingSize = 128
    /// Width of the encoder, H.
    package var hiddenSize = 4096
    /// Uses of a layer group, L.
    package var layerCount = 12
    /// Number of distinct layer groups, over which the `layerCount` uses are spread evenly.
    package var groupCount = 1
    /// Distinct layers in a group; every use of a group runs all of them.
    package var innerLayerCount = 1
    /// Attention heads, A.
    package var headCount = 64
    /// Width inside the feed-forward block, I.
    package var intermediateSize = 16384
    /// The tanh form of GELU unless the file says otherwise.
    package var activation = Activation.geluNew
    /// Rate of every dropout but the next.
    package var hiddenDropoutRate = 0.0
    /// Rate of the dropout on attention probabilities.
    package var attentionDropoutRate = 0.0
    /// Rate of the dropout before a classification head.
    package var classifierDropoutRate = 0.1
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
    /// Id of [CLS].
    package var beginningID = 2
    /// Id of [SEP].
    package var endID = 3
    /// Whether the masked-LM head decodes with the word table.
    package var tiesWordEmbeddings = true
    /// What the model was trained for.
    package var task = TaskSettings()
    /// Keys that mean nothing here, kept for writing back.
    package var otherKeys: [String: JSONValue] = [:]

    /// E.
    package var embeddingWidth: Int { embeddingSize }

    /// The published defaults.
    package init() {}

    /// Reads `config.json` keys; throws `ModelsError` naming `source`, key, expected and got.
    package init(keys: [String: JSONValue], source: String) throws(ModelsError) {
        var reader = ConfigurationReader(keys, source: source)
        try readCommonKeys(&reader)
        embeddingSize = try reader.integer("embedding_size", default: embeddingSize, in: ConfigurationLimits.size)
        groupCount = try reader.integer("num_hidden_groups", default: groupCount, in: 1...layerCount)
        innerLayerCount = try reader.integer(
            "inner_group_num", default: innerLayerCount, in: ConfigurationLimits.layers)
        classifierDropoutRate = try reader.rate("classifier_dropout_prob", default: classifierDropoutRate)
        let ids = 0...(vocabularySize - 1)
        beginningID = try reader.integer("bos_token_id", default: beginningID, in: ids)
        endID = try reader.integer("eos_token_id", default: endID, in: ids)
        otherKeys = reader.remaining
    }

    /// The keys as written to `config.json`, without `architectures`.
    package var keys: [String: JSONValue] {
        let own: [String: JSONValue] = [
            "embedding_size": .integer(embeddingSize),
            "num_hidden_groups": .integer(groupCount),
            "inner_group_num": .integer(innerLayerCount),
            "classifier_dropout_prob": .real(classifierDropoutRate),
            "bos_token_id": .integer(beginningID),
            "eos_token_id": .integer(endID),
        ]
        return otherKeys.merging(commonKeys) { $1 }.merging(own) { $1 }
    }

    /// The group that layer use `index` (from 0) runs: floor(index / (L / groups)).
    package func group(ofLayer index: Int) -> Int { index * groupCount / layerCount }
}
