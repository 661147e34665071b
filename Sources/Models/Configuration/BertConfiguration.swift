package import Tensor

/// Configuration of a BERT model (Devlin et al. 2019, §3). The defaults are those of bert-base-uncased.
package struct BertConfiguration: EncoderConfiguration {
    package static let modelType = "bert"
    package static let pretrainingArchitecture = "BertForPreTraining"

    package var vocabularySize = 30522
    package var hiddenSize = 768
    package var layerCount = 12
    package var headCount = 12
    package var intermediateSize = 3072
    package var activation = Activation.gelu
    package var hiddenDropoutRate = 0.1
    package var attentionDropoutRate = 0.1
    /// Rate of the dropout before a classification head; nil means `hiddenDropoutRate`.
    package var classifierDropoutRate: Double?
    package var maximumPositions = 512
    package var tokenTypeCount = 2
    package var initializerRange = 0.02
    package var layerNormEpsilon = 1e-12
    package var paddingID = 0
    package var otherKeys: [String: JSONValue] = [:]

    package var embeddingWidth: Int { hiddenSize }

    package init() {}

    package init(keys: [String: JSONValue], source: String) throws(ModelsError) {
        var reader = ConfigurationReader(keys, source: source)
        try read(&reader)
        otherKeys = reader.remaining
    }

    /// Overrides this configuration with the keys that `reader` holds.
    mutating func read(_ reader: inout ConfigurationReader) throws(ModelsError) {
        try readCommonKeys(&reader)
        // A rate can never be negative, so -1 stands for "absent" here.
        let rate = try reader.number(
            "classifier_dropout", default: classifierDropoutRate ?? -1, "at least 0 and below 1"
        ) { $0 >= 0 && $0 < 1 }
        classifierDropoutRate = rate < 0 ? nil : rate
    }

    package var keys: [String: JSONValue] {
        let own: [String: JSONValue] = ["classifier_dropout": classifierDropoutRate.map { .real($0) } ?? .null]
        return otherKeys.merging(commonKeys) { $1 }.merging(own) { $1 }
    }
}
