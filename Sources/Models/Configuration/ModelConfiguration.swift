/// The configuration of any family that can be pretrained, with the one place that knows which families exist.
package enum ModelConfiguration: Sendable, Hashable {
    case albert(AlbertConfiguration)
    case bert(BertConfiguration)

    /// The `model_type` words of the families.
    package static let modelTypes = [AlbertConfiguration.modelType, BertConfiguration.modelType]

    /// The family's configuration behind a common door.
    package var encoder: any EncoderConfiguration {
        switch self {
        case .albert(let configuration): configuration
        case .bert(let configuration): configuration
        }
    }

    /// Reads the object of a `config.json`. `model_type` names the family; unknown keys are kept.
    package init(keys: [String: JSONValue], source: String) throws(ModelsError) {
        guard case .string(let type)? = keys["model_type"] else {
            throw ModelsError(
                .invalidConfiguration, source: source,
                "key 'model_type': expected one of \(Self.modelTypes.joined(separator: ", ")), "
                    + "got \(keys["model_type"]?.text(indentation: nil) ?? "nothing")")
        }
        self = try Self.defaults(ofType: type, source: source)
        switch self {
        case .albert: self = .albert(try AlbertConfiguration(keys: keys, source: source))
        case .bert: self = .bert(try BertConfiguration(keys: keys, source: source))
        }
    }

    /// Reads the `model:` section of a run file: `preset` names a published model or `type` names a family (one of the
    /// two), and every other key is a `config.json` key that overrides it. Unknown keys throw, naming the nearest one.
    package init(runFileKeys: [String: JSONValue], source: String) throws(ModelsError) {
        var keys = runFileKeys
        switch (keys.removeValue(forKey: "preset"), keys.removeValue(forKey: "type")) {
        case (.string(let name)?, nil): self = try ModelPreset.configuration(named: name, source: source)
        case (nil, .string(let type)?): self = try Self.defaults(ofType: type, source: source)
        default:
            throw ModelsError(
                .invalidConfiguration, source: source,
                "section 'model': expected either 'preset' (a name) or 'type' (\(Self.modelTypes.joined(separator: ", ")))"
            )
        }
        var reader = ConfigurationReader(keys, source: source)
        switch self {
        case .albert(var configuration):
            try configuration.read(&reader)
            self = .albert(configuration)
        case .bert(var configuration):
            try configuration.read(&reader)
            self = .bert(configuration)
        }
        try reader.rejectUnknownKeys()
    }

    /// The keys of `config.json`, with the class that opens the saved pretraining model.
    package var fileKeys: [String: JSONValue] {
        var keys = encoder.keys
        keys["architectures"] = .array([.string(type(of: encoder).pretrainingArchitecture)])
        keys["dtype"] = keys["dtype"] ?? .string("float32")
        return keys
    }

    private static func defaults(ofType type: String, source: String) throws(ModelsError) -> ModelConfiguration {
        switch type {
        case AlbertConfiguration.modelType: return .albert(AlbertConfiguration())
        case BertConfiguration.modelType: return .bert(BertConfiguration())
        default:
            throw ModelsError(
                .unknownModel, source: source,
                "model type: expected one of \(modelTypes.joined(separator: ", ")), got '\(type)'")
        }
    }
}
