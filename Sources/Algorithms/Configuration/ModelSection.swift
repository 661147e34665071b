import Models
package import Tensor

/// The network: a published model, or a family and its dimensions, in the words of Hugging Face's `config.json`.
package struct ModelSection: ConfigurationSection {
    /// The model directory that training starts from: its `config.json` stands in place of all other keys.
    package var directory: String?
    /// The published model that the other keys start from.
    package var preset: String?
    /// The family.
    package var type = ModelFamily.albert
    /// Rows of the word table.
    package var vocabSize = 30000
    /// Width of the factorised embeddings; ALBERT only.
    package var embeddingSize = 128
    /// Width of the encoder.
    package var hiddenSize = 768
    /// Uses of an encoder layer.
    package var numHiddenLayers = 12
    /// Distinct groups of layers; ALBERT only.
    package var numHiddenGroups = 1
    /// Distinct layers in a group; ALBERT only.
    package var innerGroupNum = 1
    /// Attention heads; divides the width.
    package var numAttentionHeads = 12
    /// Width inside the feed-forward block.
    package var intermediateSize = 3072
    /// Activation of the feed-forward block and of the masked-LM head.
    package var hiddenAct = Activation.geluNew
    /// Rate of every dropout but that on attention probabilities.
    package var hiddenDropoutProb = 0.0
    /// Rate of the dropout on attention probabilities.
    package var attentionProbsDropoutProb = 0.0
    /// Rate before a classification head; null takes the family's own default.
    package var classifierDropoutProb: Double?
    /// The longest sequence.
    package var maxPositionEmbeddings = 512
    /// Rows of the token-type table.
    package var typeVocabSize = 2
    /// Standard deviation of the initial weights.
    package var initializerRange = 0.02
    /// Added to the variance in every layer normalisation.
    package var layerNormEps = 1e-12
    /// Id of the padding token.
    package var padTokenID = 0
    /// Id of `[CLS]`; ALBERT only.
    package var bosTokenID = 2
    /// Id of `[SEP]`; ALBERT only.
    package var eosTokenID = 3

    /// ALBERT base.
    package init() {}

    private static let albertOnly: @Sendable (ModelSection) -> String? = {
        $0.type == .albert ? nil : "only for type albert"
    }

    static let fields: [ConfigurationField<ModelSection>] =
        [.value("directory", \.directory, determinesTraining: false)]
        + sizes.map { field in
            field.inapplicable { $0.directory == nil ? nil : "model.directory says it" }
        }

    private static let sizes: [ConfigurationField<ModelSection>] = [
        .value("preset", \.preset, determinesTraining: false, assign: choosePreset),
        .value("type", \.type, assign: chooseType),
        .value("vocab_size", \.vocabSize, .within(1...(1 << 24))),
        .value("embedding_size", \.embeddingSize, .within(1...(1 << 20)), inapplicability: albertOnly),
        .value("hidden_size", \.hiddenSize, .within(1...(1 << 20))),
        .value("num_hidden_layers", \.numHiddenLayers, .within(1...4096)),
        .value("num_hidden_groups", \.numHiddenGroups, .within(1...4096), inapplicability: albertOnly),
        .value("inner_group_num", \.innerGroupNum, .within(1...4096), inapplicability: albertOnly),
        .value("num_attention_heads", \.numAttentionHeads, .within(1...65536)),
        .value("intermediate_size", \.intermediateSize, .within(1...(1 << 22))),
        .value("hidden_act", \.hiddenAct),
        .value("hidden_dropout_prob", \.hiddenDropoutProb, .below(1, from: 0)),
        .value("attention_probs_dropout_prob", \.attentionProbsDropoutProb, .below(1, from: 0)),
        .value("classifier_dropout_prob", \.classifierDropoutProb, .orNull(.below(1, from: 0))),
        .value("max_position_embeddings", \.maxPositionEmbeddings, .within(4...(1 << 20))),
        .value("type_vocab_size", \.typeVocabSize, .within(2...1024)),
        .value("initializer_range", \.initializerRange, .above(0)),
        .value("layer_norm_eps", \.layerNormEps, .above(0)),
        .value("pad_token_id", \.padTokenID, .atLeast(0)),
        .value("bos_token_id", \.bosTokenID, .atLeast(0), inapplicability: albertOnly),
        .value("eos_token_id", \.eosTokenID, .atLeast(0), inapplicability: albertOnly),
    ]

    private static let choosePreset: ConfigurationField<ModelSection>.Assignment<String?> = {
        (name, path, section) throws(ConfigurationError) in
        guard let name else { return }
        do throws(ModelsError) {
            guard let model = ModelSection(try PublishedModel.configuration(named: name)) else {
                let families = ModelFamily.allCases.map(\.rawValue).joined(separator: " or ")
                throw ModelsError(.invalidConfiguration, "expected a model of type \(families), got '\(name)'")
            }
            section = model
            section.preset = name
        } catch {
            throw ConfigurationError(.outOfRange, key: path, message: error.message)
        }
    }

    private static let chooseType: ConfigurationField<ModelSection>.Assignment<ModelFamily> = {
        (type, path, section) throws(ConfigurationError) in
        guard let preset = section.preset else {
            if let defaults = ModelSection(type.defaults) { section = defaults }
            return
        }
        guard section.type == type else {
            throw ConfigurationError(.inconsistent, key: path, message: "\(type.rawValue) is not the type of \(preset)")
        }
    }

    func missingKeys(written: Set<String>) -> [String] {
        guard directory == nil, !written.contains("preset") || preset == nil else { return [] }
        guard written.contains("type") else { return ["preset"] }
        let embedding = type == .albert ? ["embedding_size"] : []
        let dimensions = [
            "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        ]
        return (dimensions + embedding).filter { !written.contains($0) }
    }

    func checkRelations(path: String) throws(ConfigurationError) {
        guard hiddenSize.isMultiple(of: numAttentionHeads) else {
            throw ConfigurationError(
                .inconsistent, key: "\(path).hidden_size",
                message: "\(hiddenSize) is not a multiple of num_attention_heads, \(numAttentionHeads)")
        }
        guard type == .bert || numHiddenLayers.isMultiple(of: numHiddenGroups) else {
            throw ConfigurationError(
                .inconsistent, key: "\(path).num_hidden_layers",
                message: "\(numHiddenLayers) is not a multiple of num_hidden_groups, \(numHiddenGroups)")
        }
        let specials = [("pad_token_id", padTokenID)]
        let sentence = type == .albert ? [("bos_token_id", bosTokenID), ("eos_token_id", eosTokenID)] : []
        for (name, id) in specials + sentence where id >= vocabSize {
            throw ConfigurationError(
                .inconsistent, key: "\(path).\(name)", message: "\(id) is not below vocab_size, \(vocabSize)")
        }
    }
}

extension Activation: ConfigurationChoice {}
