package import Tensor

/// Configuration of an ALBERT model: factorised embeddings and layers shared across the depth (Lan et al. 2020, §3.1).
/// The defaults are those of `config.json` readers, which are the xxlarge sizes.
package struct AlbertConfiguration: EncoderConfiguration {
    package static let modelType = "albert"
    package static let pretrainingArchitecture = "AlbertForPreTraining"

    package var vocabularySize = 30000
    /// Width of the embedding tables, E; a linear map takes them to H.
    package var embeddingSize = 128
    package var hiddenSize = 4096
    package var layerCount = 12
    /// Number of distinct layer groups, over which the `layerCount` uses are spread evenly.
    package var groupCount = 1
    /// Distinct layers in a group; every use of a group runs all of them.
    package var innerLayerCount = 1
    package var headCount = 64
    package var intermediateSize = 16384
    package var activation = Activation.geluNew
    package var hiddenDropoutRate = 0.0
    package var attentionDropoutRate = 0.0
    /// Rate of the dropout before a classification head.
    package var classifierDropoutRate = 0.1
    package var maximumPositions = 512
    package var tokenTypeCount = 2
    package var initializerRange = 0.02
    package var layerNormEpsilon = 1e-12
    package var paddingID = 0
    /// Id of [CLS].
    package var beginningID = 2
    /// Id of [SEP].
    package var endID = 3
    package var otherKeys: [String: JSONValue] = [:]

    package var embeddingWidth: Int { embeddingSize }

    package init() {}

    package init(keys: [String: JSONValue], source: String) throws(ModelsError) {
        var reader = ConfigurationReader(keys, source: source)
        try read(&reader)
        otherKeys = reader.remaining
    }

    /// Overrides this configuration with the keys that `reader` holds.
    mutating func read(_ reader: inout ConfigurationReader) throws(ModelsError) {
        try readCommonKeys(&reader)
        embeddingSize = try reader.integer("embedding_size", default: embeddingSize, in: ConfigurationLimits.size)
        groupCount = try reader.integer("num_hidden_groups", default: groupCount, in: 1...layerCount)
        innerLayerCount = try reader.integer(
            "inner_group_num", default: innerLayerCount, in: ConfigurationLimits.layers)
        classifierDropoutRate = try reader.rate("classifier_dropout_prob", default: classifierDropoutRate)
        let ids = 0...(vocabularySize - 1)
        beginningID = try reader.integer("bos_token_id", default: beginningID, in: ids)
        endID = try reader.integer("eos_token_id", default: endID, in: ids)
    }

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
