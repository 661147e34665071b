/// The configuration of any family, with the one place that knows which families exist.
package enum ModelConfiguration: Sendable, Hashable {
    /// Shared layers, factorised embeddings.
    case albert(AlbertConfiguration)
    /// A layer per step of the depth.
    case bert(BertConfiguration)
    /// No token types, no pooler.
    case distilbert(DistilBertConfiguration)
    /// Positions behind the padding id.
    case roberta(RobertaConfiguration)

    private static let families: [any EncoderConfiguration.Type] = [
        AlbertConfiguration.self, BertConfiguration.self, DistilBertConfiguration.self, RobertaConfiguration.self,
    ]

    /// The `model_type` words of the families.
    package static var modelTypes: [String] { families.map { $0.modelType } }

    /// The family's configuration behind a common door. A new value of another family changes the family.
    package var encoder: any EncoderConfiguration {
        get {
            switch self {
            case .albert(let configuration): configuration
            case .bert(let configuration): configuration
            case .distilbert(let configuration): configuration
            case .roberta(let configuration): configuration
            }
        }
        set { self = Self(newValue) }
    }

    private init(_ encoder: any EncoderConfiguration) {
        switch encoder {
        case let configuration as AlbertConfiguration: self = .albert(configuration)
        case let configuration as BertConfiguration: self = .bert(configuration)
        case let configuration as DistilBertConfiguration: self = .distilbert(configuration)
        case let configuration as RobertaConfiguration: self = .roberta(configuration)
        default: preconditionFailure("\(type(of: encoder)) is no configuration of a family")
        }
    }

    /// Reads the object of a `config.json`. `model_type` names the family; unknown keys are kept.
    package init(keys: [String: JSONValue], source: String) throws(ModelsError) {
        let expected = "key 'model_type': expected one of \(Self.modelTypes.joined(separator: ", "))"
        guard case .string(let type)? = keys["model_type"] else {
            throw ModelsError(
                .invalidConfiguration, source: source,
                "\(expected), got \(keys["model_type"]?.text(indentation: nil) ?? "nothing")")
        }
        guard let family = Self.families.first(where: { $0.modelType == type }) else {
            throw ModelsError(.unknownModel, source: source, "\(expected), got '\(type)'")
        }
        self.init(try family.init(keys: keys, source: source))
    }

    /// Tokens of the longest sequence that a model takes.
    package var maximumTokens: Int { encoder.maximumTokens }

    /// The head of the model that the configuration was saved with; nil if the file does not name one of ours.
    package var savedHead: ModelHead? {
        let task = encoder.task
        let labels = task.labels?.count ?? 2
        let heads: [ModelHead] = [
            .maskedLM, .pretraining, .none, .sequenceClassification(labels: labels),
            .tokenClassification(labels: labels), .questionAnswering, .multipleChoice,
            .firstTokenClassification(labels: labels),
        ]
        return heads.first { architecture(head: $0) == task.architecture }
    }

    /// The class of `transformers` that is such a model.
    package func architecture(head: ModelHead) -> String {
        let head = head == .pretraining && !hasPairHead ? .maskedLM : head
        return type(of: encoder).classPrefix + head.classSuffix
    }

    /// The keys of `config.json`, with the class of `transformers` that opens a model saved with `head`.
    package func fileKeys(head: ModelHead = .pretraining) -> [String: JSONValue] {
        var keys = encoder.keys
        keys["architectures"] = .array([.string(architecture(head: head))])
        keys["dtype"] = keys["dtype"] ?? .string("float32")
        return keys
    }
}
