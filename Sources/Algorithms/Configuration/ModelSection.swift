/// The network: a published size, or a family and its dimensions, in the words of Hugging Face's `config.json`.
package struct ModelSection: ConfigurationSection {
    /// The published size the other keys start from.
    package var preset: ModelPreset?
    package var type = ModelFamily.albert
    package var vocabSize = 30000
    /// Width of the factorised embeddings; ALBERT only.
    package var embeddingSize = 128
    package var hiddenSize = 768
    package var numHiddenLayers = 12
    package var numHiddenGroups = 1
    package var innerGroupNum = 1
    package var numAttentionHeads = 12
    package var intermediateSize = 3072
    package var hiddenAct = HiddenActivation.geluNew
    package var hiddenDropoutProb = 0.0
    package var attentionProbsDropoutProb = 0.0
    /// Dropout before a classification head; null takes the family's own default.
    package var classifierDropoutProb: Double?
    package var maxPositionEmbeddings = 512
    package var typeVocabSize = 2
    package var initializerRange = 0.02
    package var layerNormEps = 1e-12
    package var padTokenID = 0
    package var bosTokenID = 2
    package var eosTokenID = 3

    package init() {}

    private static let albertOnly: @Sendable (ModelSection) -> String? = {
        $0.type == .albert ? nil : "only for type albert"
    }

    static let fields: [ConfigurationField<ModelSection>] = [
        .value(
            "preset", \.preset, determinesTraining: false,
            assign: { preset, _, section throws(ConfigurationError) in
                if let preset { section = ModelSection(preset: preset) }
            }),
        .value(
            "type", \.type,
            assign: { type, path, section throws(ConfigurationError) in
                guard let preset = section.preset else {
                    section = ModelSection(type: type)
                    return
                }
                guard preset.type == type else {
                    throw ConfigurationError(
                        .inconsistent, key: path, message: "\(type.rawValue) is not the type of \(preset.rawValue)")
                }
            }),
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

    func missingKeys(written: Set<String>) -> [String] {
        guard !written.contains("preset") else { return [] }
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
