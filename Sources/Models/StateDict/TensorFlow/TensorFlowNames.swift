/// How the variables of the original BERT and ALBERT code are called in `transformers`.
///
/// Kernels there are [in, out] and have to be transposed; `output_weights` are [out, in] already.
struct TensorFlowNames {
    /// Whether the checkpoint is ALBERT's: its layers are in groups.
    let isAlbert: Bool

    /// Names for the checkpoint that has these `variables`.
    init(variables: some Sequence<String>) {
        isAlbert = variables.contains { $0.contains("bert/encoder/transformer/") }
    }

    private var base: String { isAlbert ? "albert" : "bert" }

    /// The name in `transformers`, and whether the matrix has to be transposed; nil for what is no parameter. Variables
    /// that `transformers` has no name for keep their own.
    func tensor(of variable: String) -> (name: String, isTransposed: Bool)? {
        var path = variable.split(separator: "/").map(String.init)
        if path.first == "module" { path.removeFirst() }
        guard let leaf = path.last, !["adam_m", "adam_v", "global_step"].contains(leaf),
            !variable.hasPrefix("_CHECKPOINTABLE")
        else { return nil }
        let isKernel = leaf == "kernel"
        // A table is a variable of its own, without a leaf.
        let isTable = leaf.hasSuffix("_embeddings")
        let kind = ["kernel": "weight", "gamma": "weight", "beta": "bias", "bias": "bias"][leaf]
        let owner = (isTable ? path : Array(path.dropLast())).joined(separator: "/")
        if isTable || kind != nil, let module = module(owner) {
            return ("\(module).\(kind ?? "weight")", isKernel)
        }
        if let name = headTensor(path.joined(separator: "/")) { return (name, false) }
        return (variable, false)
    }

    /// The module that owns a kernel, a bias, a normalisation or a table.
    private func module(_ owner: String) -> String? {
        var parts = owner.split(separator: "/").map(String.init)
        switch parts.first {
        case "bert" where parts.dropFirst(1).first == "encoder":
            return isAlbert ? albertModule(Array(parts.dropFirst(2))) : bertModule(Array(parts.dropFirst(2)))
        case "bert" where parts.dropFirst(1).first == "embeddings" && parts.count == 3:
            return "\(base).embeddings.\(parts[2])"
        case "bert" where owner == "bert/pooler/dense":
            return isAlbert ? "albert.pooler" : "bert.pooler.dense"
        case "cls" where owner == "cls/predictions/transform/dense" || owner == "cls/predictions/transform/LayerNorm":
            if isAlbert { parts.removeAll { $0 == "cls" || $0 == "transform" } }
            return parts.joined(separator: ".")
        default: return nil
        }
    }

    /// Below `bert/encoder/`.
    private func bertModule(_ path: [String]) -> String? {
        guard let layer = path.first, layer.hasPrefix("layer_"), let number = Int(layer.dropFirst("layer_".count)),
            Self.bertParts.contains(path.dropFirst().joined(separator: "/"))
        else { return nil }
        return "bert.encoder.layer.\(number)." + path.dropFirst().joined(separator: ".")
    }

    private static let bertParts: Set<String> = [
        "attention/self/query", "attention/self/key", "attention/self/value", "attention/output/dense",
        "attention/output/LayerNorm", "intermediate/dense", "output/dense", "output/LayerNorm",
    ]

    /// Below `bert/encoder/`.
    private func albertModule(_ path: [String]) -> String? {
        if path == ["embedding_hidden_mapping_in"] { return "albert.encoder.embedding_hidden_mapping_in" }
        guard path.count > 3, path[0] == "transformer", let group = Self.number(path[1], after: "group_"),
            let layer = Self.number(path[2], after: "inner_group_"),
            let part = Self.albertParts[path[3...].joined(separator: "/")]
        else { return nil }
        return "albert.encoder.albert_layer_groups.\(group).albert_layers.\(layer).\(part)"
    }

    private static let albertParts = [
        "attention_1/self/query": "attention.query", "attention_1/self/key": "attention.key",
        "attention_1/self/value": "attention.value", "attention_1/output/dense": "attention.dense",
        "LayerNorm": "attention.LayerNorm", "LayerNorm_1": "full_layer_layer_norm",
        "ffn_1/intermediate/dense": "ffn", "ffn_1/intermediate/output/dense": "ffn_output",
    ]

    private static func number(_ word: String, after prefix: String) -> Int? {
        word.hasPrefix(prefix) ? Int(word.dropFirst(prefix.count)) : nil
    }

    /// Variables of the heads that have no kernel.
    private func headTensor(_ path: String) -> String? {
        let pair = isAlbert ? "sop_classifier.classifier" : "cls.seq_relationship"
        return switch path {
        case "cls/predictions/output_bias": isAlbert ? "predictions.bias" : "cls.predictions.bias"
        case "cls/seq_relationship/output_weights": "\(pair).weight"
        case "cls/seq_relationship/output_bias": "\(pair).bias"
        case "output_weights": "classifier.weight"
        case "output_bias": "classifier.bias"
        case "cls/squad/output_weights": "qa_outputs.weight"
        case "cls/squad/output_bias": "qa_outputs.bias"
        default: nil
        }
    }
}
