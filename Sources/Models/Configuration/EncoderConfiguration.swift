package import Tensor

/// What the shared encoder code needs to know of a BERT-family model. Property names are ours; `config.json` keys are
/// Hugging Face's.
package protocol EncoderConfiguration: Sendable, Hashable, Codable {
    /// `model_type` in `config.json`.
    static var modelType: String { get }
    /// The class that `transformers` opens a saved pretraining model with.
    static var pretrainingArchitecture: String { get }

    /// The published default of every key; the starting point when keys are absent.
    init()
    /// Reads `config.json` keys, absent ones taking this family's default. Unknown keys are kept in `otherKeys`.
    /// Throws `ModelsError` naming `source`, key, expected and got.
    init(keys: [String: JSONValue], source: String) throws(ModelsError)

    /// Rows of the word table, V.
    var vocabularySize: Int { get set }
    /// Width of the embedding tables, E (H itself where the family has no factorised embedding).
    var embeddingWidth: Int { get }
    /// Width of the encoder, H.
    var hiddenSize: Int { get set }
    /// Uses of an encoder layer (or group), L.
    var layerCount: Int { get set }
    /// Attention heads, A; divides H.
    var headCount: Int { get set }
    /// Width inside the feed-forward block, I.
    var intermediateSize: Int { get set }
    /// Activation of the feed-forward block and of the masked-LM head.
    var activation: Activation { get set }
    /// Rate of every dropout but that on attention probabilities.
    var hiddenDropoutRate: Double { get set }
    /// Rate of the dropout on attention probabilities.
    var attentionDropoutRate: Double { get set }
    /// Rows of the position table, P: the longest sequence.
    var maximumPositions: Int { get set }
    /// Rows of the token-type table, T.
    var tokenTypeCount: Int { get set }
    /// Standard deviation of the normal draw for every weight matrix.
    var initializerRange: Double { get set }
    /// Added to the variance inside the square root of every layer normalisation.
    var layerNormEpsilon: Double { get set }
    /// Id of the padding token.
    var paddingID: Int { get set }
    /// Keys of `config.json` that this configuration does not use, kept for writing back.
    var otherKeys: [String: JSONValue] { get set }

    /// All keys as they are written to `config.json`, without `architectures`.
    var keys: [String: JSONValue] { get }
}

/// The limits that keep products of sizes from a hostile file inside 64 bits.
enum ConfigurationLimits {
    static let size = 1...(1 << 24)
    static let layers = 1...(1 << 12)
}

/// The activations that published configurations name (ALBERT and BERT use the first two).
let activationWords: [(word: String, value: Activation)] = [
    ("gelu", .gelu), ("gelu_new", .geluNew), ("relu", .relu), ("tanh", .tanh), ("linear", .none), ("swish", .swish),
    ("silu", .swish), ("gelu_pytorch_tanh", .geluNew),
]

extension EncoderConfiguration {
    /// Reads the keys that both families have.
    mutating func readCommonKeys(_ reader: inout ConfigurationReader) throws(ModelsError) {
        let sizes = ConfigurationLimits.size
        vocabularySize = try reader.integer("vocab_size", default: vocabularySize, in: sizes)
        hiddenSize = try reader.integer("hidden_size", default: hiddenSize, in: sizes)
        layerCount = try reader.integer("num_hidden_layers", default: layerCount, in: ConfigurationLimits.layers)
        headCount = try reader.integer("num_attention_heads", default: headCount, in: sizes)
        intermediateSize = try reader.integer("intermediate_size", default: intermediateSize, in: sizes)
        activation = try reader.choice("hidden_act", default: activation, among: activationWords)
        hiddenDropoutRate = try reader.rate("hidden_dropout_prob", default: hiddenDropoutRate)
        attentionDropoutRate = try reader.rate("attention_probs_dropout_prob", default: attentionDropoutRate)
        maximumPositions = try reader.integer("max_position_embeddings", default: maximumPositions, in: sizes)
        tokenTypeCount = try reader.integer("type_vocab_size", default: tokenTypeCount, in: sizes)
        initializerRange = try reader.number("initializer_range", default: initializerRange, "at least 0") { $0 >= 0 }
        layerNormEpsilon = try reader.number("layer_norm_eps", default: layerNormEpsilon, "above 0") { $0 > 0 }
        paddingID = try reader.integer("pad_token_id", default: paddingID, in: 0...(vocabularySize - 1))
        try reader.require("position_embedding_type", .string("absolute"))
        try reader.require("tie_word_embeddings", .bool(true))
        try reader.require("is_decoder", .bool(false))
        try reader.require("add_cross_attention", .bool(false))
        try reader.require("model_type", .string(Self.modelType))
        reader.ignore("architectures")
        if hiddenSize % headCount != 0 {
            throw ModelsError(
                .invalidConfiguration, source: reader.source,
                "key 'hidden_size': expected a multiple of num_attention_heads (\(headCount)), got \(hiddenSize)")
        }
    }

    /// The keys that both families have, as written.
    var commonKeys: [String: JSONValue] {
        [
            "model_type": .string(Self.modelType),
            "vocab_size": .integer(vocabularySize),
            "hidden_size": .integer(hiddenSize),
            "num_hidden_layers": .integer(layerCount),
            "num_attention_heads": .integer(headCount),
            "intermediate_size": .integer(intermediateSize),
            "hidden_act": .string(activationWords.first { $0.value == activation }?.word ?? activation.rawValue),
            "hidden_dropout_prob": .real(hiddenDropoutRate),
            "attention_probs_dropout_prob": .real(attentionDropoutRate),
            "max_position_embeddings": .integer(maximumPositions),
            "type_vocab_size": .integer(tokenTypeCount),
            "initializer_range": .real(initializerRange),
            "layer_norm_eps": .real(layerNormEpsilon),
            "pad_token_id": .integer(paddingID),
            "tie_word_embeddings": .bool(true),
        ]
    }

    package init(from decoder: any Decoder) throws {
        try self.init(keys: [String: JSONValue](from: decoder), source: "config.json")
    }

    package func encode(to encoder: any Encoder) throws {
        try keys.encode(to: encoder)
    }
}
