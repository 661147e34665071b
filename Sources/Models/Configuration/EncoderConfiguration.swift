package import Tensor

/// What the shared encoder code needs to know of a BERT-family model. Property names are ours; `config.json` keys are
/// Hugging Face's.
package protocol EncoderConfiguration: Sendable, Hashable, Codable {
    /// `model_type` in `config.json`.
    static var modelType: String { get }
    /// What the family's classes in `transformers` begin with, e.g. `Bert` for `BertForMaskedLM`.
    static var classPrefix: String { get }
    /// How `config.json` calls what all families have.
    static var keyNames: EncoderKeyNames { get }
    /// Whether the attention output is dropped before the residual sum.
    static var dropsAttentionOutput: Bool { get }

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
    /// Rows of the token-type table, T; 0 where there is no such table.
    var tokenTypeCount: Int { get set }
    /// Standard deviation of the normal draw for every weight matrix.
    var initializerRange: Double { get set }
    /// Added to the variance inside the square root of every layer normalisation.
    var layerNormEpsilon: Double { get set }
    /// Id of the padding token.
    var paddingID: Int { get set }
    /// Whether the masked-LM head decodes with the word table instead of a matrix of its own.
    var tiesWordEmbeddings: Bool { get set }
    /// What the model was trained for, as far as the file says.
    var task: TaskSettings { get set }
    /// Keys of `config.json` that this configuration does not use, kept for writing back.
    var otherKeys: [String: JSONValue] { get set }

    /// All keys as they are written to `config.json`, without `architectures`.
    var keys: [String: JSONValue] { get }

    /// Tokens of the longest sequence that the position table has rows for.
    var maximumTokens: Int { get }
    /// The row of the position table for each token of one sequence.
    func positions(of ids: [Int32]) -> [Int32]
}

/// The keys of `config.json` whose names differ between families. The defaults are those of most of them.
package struct EncoderKeyNames: Sendable {
    var hiddenSize = "hidden_size"
    var layerCount = "num_hidden_layers"
    var headCount = "num_attention_heads"
    var intermediateSize = "intermediate_size"
    var activation = "hidden_act"
    var hiddenDropoutRate = "hidden_dropout_prob"
    var attentionDropoutRate = "attention_probs_dropout_prob"
    /// nil: the family has no token types, and its file does not speak of them.
    var tokenTypeCount: String? = "type_vocab_size"
    /// nil: the family's epsilon is fixed.
    var layerNormEpsilon: String? = "layer_norm_eps"
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
    /// The names that most families use.
    package static var keyNames: EncoderKeyNames { EncoderKeyNames() }
    /// True, but for DistilBERT.
    package static var dropsAttentionOutput: Bool { true }
    /// P, where positions count from 0.
    package var maximumTokens: Int { maximumPositions }
    /// 0, 1, 2, ...
    package func positions(of ids: [Int32]) -> [Int32] { (0..<ids.count).map { Int32($0) } }

    /// Reads the keys that all families have.
    mutating func readCommonKeys(_ reader: inout ConfigurationReader) throws(ModelsError) {
        let sizes = ConfigurationLimits.size
        let names = Self.keyNames
        vocabularySize = try reader.integer("vocab_size", default: vocabularySize, in: sizes)
        hiddenSize = try reader.integer(names.hiddenSize, default: hiddenSize, in: sizes)
        layerCount = try reader.integer(names.layerCount, default: layerCount, in: ConfigurationLimits.layers)
        headCount = try reader.integer(names.headCount, default: headCount, in: sizes)
        intermediateSize = try reader.integer(names.intermediateSize, default: intermediateSize, in: sizes)
        activation = try reader.choice(names.activation, default: activation, among: activationWords)
        hiddenDropoutRate = try reader.rate(names.hiddenDropoutRate, default: hiddenDropoutRate)
        attentionDropoutRate = try reader.rate(names.attentionDropoutRate, default: attentionDropoutRate)
        maximumPositions = try reader.integer("max_position_embeddings", default: maximumPositions, in: sizes)
        if let name = names.tokenTypeCount {
            tokenTypeCount = try reader.integer(name, default: tokenTypeCount, in: sizes)
        }
        initializerRange = try reader.number("initializer_range", default: initializerRange, "at least 0") { $0 >= 0 }
        if let name = names.layerNormEpsilon {
            layerNormEpsilon = try reader.number(name, default: layerNormEpsilon, "above 0") { $0 > 0 }
        }
        paddingID = try reader.integer("pad_token_id", default: paddingID, in: 0...(vocabularySize - 1))
        tiesWordEmbeddings = try reader.boolean("tie_word_embeddings", default: tiesWordEmbeddings)
        task = try TaskSettings(&reader)
        try reader.require("position_embedding_type", .string("absolute"))
        try reader.require("is_decoder", .bool(false))
        try reader.require("add_cross_attention", .bool(false))
        try reader.require("model_type", .string(Self.modelType))
        if hiddenSize % headCount != 0 {
            throw ModelsError(
                .invalidConfiguration, source: reader.source,
                "key '\(names.hiddenSize)': expected a multiple of \(names.headCount) (\(headCount)), got \(hiddenSize)"
            )
        }
    }

    /// The keys that all families have, as written.
    var commonKeys: [String: JSONValue] {
        let names = Self.keyNames
        var keys: [String: JSONValue] = [
            "model_type": .string(Self.modelType),
            "vocab_size": .integer(vocabularySize),
            names.hiddenSize: .integer(hiddenSize),
            names.layerCount: .integer(layerCount),
            names.headCount: .integer(headCount),
            names.intermediateSize: .integer(intermediateSize),
            names.activation: .string(activationWords.first { $0.value == activation }?.word ?? activation.rawValue),
            names.hiddenDropoutRate: .real(hiddenDropoutRate),
            names.attentionDropoutRate: .real(attentionDropoutRate),
            "max_position_embeddings": .integer(maximumPositions),
            "initializer_range": .real(initializerRange),
            "pad_token_id": .integer(paddingID),
            "tie_word_embeddings": .bool(tiesWordEmbeddings),
        ]
        if let name = names.tokenTypeCount { keys[name] = .integer(tokenTypeCount) }
        if let name = names.layerNormEpsilon { keys[name] = .real(layerNormEpsilon) }
        return keys.merging(task.keys) { $1 }
    }

    package init(from decoder: any Decoder) throws {
        try self.init(keys: [String: JSONValue](from: decoder), source: "config.json")
    }

    package func encode(to encoder: any Encoder) throws {
        try keys.encode(to: encoder)
    }
}
