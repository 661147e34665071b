/// The configuration of any family that can be pretrained, with the one place that knows which families exist.
package enum ModelConfiguration: Sendable, Hashable {
    /// Shared layers, factorised embeddings.
    case albert(AlbertConfiguration)
    /// A layer per step of the depth.
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
        switch type {
        case AlbertConfiguration.modelType: self = .albert(try AlbertConfiguration(keys: keys, source: source))
        case BertConfiguration.modelType: self = .bert(try BertConfiguration(keys: keys, source: source))
        default:
            throw ModelsError(
                .unknownModel, source: source,
                "key 'model_type': expected one of \(Self.modelTypes.joined(separator: ", ")), got '\(type)'")
        }
    }

    /// The keys of `config.json`, with the class that opens the saved pretraining model.
    package var fileKeys: [String: JSONValue] {
        var keys = encoder.keys
        keys["architectures"] = .array([.string(type(of: encoder).pretrainingArchitecture)])
        keys["dtype"] = keys["dtype"] ?? .string("float32")
        return keys
    }
}
