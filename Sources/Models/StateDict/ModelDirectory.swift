import FoundationEssentials
package import Tensor

/// A directory that holds a whole model in the layout of Hugging Face `transformers`: `config.json`,
/// `model.safetensors` and, if known, the tokenizer's files.
package enum ModelDirectory {
    static let configurationName = "config.json"
    static let weightsName = "model.safetensors"

    /// Writes a model. The directory appears complete, in place of an older model, or not at all.
    /// Throws `ModelsError` (`fileSystem`) naming the path.
    package static func save(
        _ configuration: ModelConfiguration, head: ModelHead = .pretraining, _ parameters: ParameterArena,
        tokenizer: TokenizerFiles? = nil, to directory: String
    ) throws {
        try save(
            configuration, head: head, tensors: parameters.safetensorsItems, tokenizer: tokenizer, to: directory)
    }

    /// Writes a model whose parameters lie anywhere in memory, e.g. in a copy that training does not touch.
    package static func save(
        _ configuration: ModelConfiguration, head: ModelHead = .pretraining, tensors: [SafetensorsItem],
        tokenizer: TokenizerFiles? = nil, to directory: String
    ) throws {
        let names = TokenizerFiles.names.union([configurationName, weightsName])
        try AtomicDirectory.replace(directory, replaceable: names) { temporary in
            try write(configuration.fileKeys(head: head), to: "\(temporary)/\(configurationName)")
            try SafetensorsWriter.write(tensors, to: "\(temporary)/\(weightsName)")
            try tokenizer?.write(to: temporary, maximumLength: configuration.maximumTokens)
        }
    }

    /// The configuration in `directory`.
    package static func configuration(in directory: String) throws(ModelsError) -> ModelConfiguration {
        try configuration(at: "\(directory)/\(configurationName)", of: nil)
    }

    /// The configuration in the file at `path`. Files that do not say which family they describe, as those of the
    /// original code and of the first versions of `transformers`, describe that of `weights`.
    package static func configuration(
        at path: String, of weights: (any StateDictSource)?
    ) throws(ModelsError) -> ModelConfiguration {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw ModelsError(.fileSystem, source: path, "cannot read; a configuration is expected here")
        }
        var keys = try JSONValue.parseObject(data, source: path)
        if keys["model_type"] == nil, let weights, let type = modelType(of: weights) {
            keys["model_type"] = .string(type)
            // The original code calls the tanh form `gelu`.
            if weights.format == .tensorflowCheckpoint, keys["hidden_act"] == .string("gelu") {
                keys["hidden_act"] = .string("gelu_new")
            }
        }
        return try ModelConfiguration(keys: keys, source: path)
    }

    /// The family whose prefix the names have.
    private static func modelType(of weights: any StateDictSource) -> String? {
        ModelConfiguration.modelTypes.first { type in weights.names.contains { $0.hasPrefix("\(type).") } }
    }

    /// Opens a model with weights in any format. Parameters that the weights lack are drawn from `seed`; unless
    /// `tolerating` says otherwise, only those of the heads may be lacking.
    package static func load(
        _ directory: String, head: ModelHead = .pretraining, dtype: DType = .float32, seed: UInt64 = 0,
        tolerating tolerance: LoadTolerance = .heads, in context: ComputeContext
    ) throws -> (model: EncoderModel, report: LoadReport) {
        try load(
            configuration: "\(directory)/\(configurationName)", weights: directory, head: head, dtype: dtype,
            seed: seed, tolerating: tolerance, in: context)
    }

    /// Opens a model from a configuration file and from weights, whatever they are called (`StateDictFiles.open`).
    package static func load(
        configuration path: String, weights: String, head: ModelHead = .pretraining, dtype: DType = .float32,
        seed: UInt64 = 0, tolerating tolerance: LoadTolerance = .heads, in context: ComputeContext
    ) throws -> (model: EncoderModel, report: LoadReport) {
        let source = try StateDictFiles.open(weights)
        let configuration = try configuration(at: path, of: source)
        // Before memory is taken for the parameters.
        let match = try configuration.match(source, head: head, tolerating: tolerance)
        let model = EncoderModel(configuration, head: head, seed: seed, dtype: dtype, in: context)
        try model.parameters.read(match.fileNames, from: source)
        return (model, match.report)
    }

    /// Copies the weights in `source` to the parameters they belong to, across the names of older files and of bare
    /// encoders. Throws `missingTensor` if nothing matches or if a parameter is lacking that `tolerance`
    /// does not allow to; throws `tensorMismatch` for a wrong shape. Nothing is written then.
    package static func loadWeights(
        from source: any StateDictSource, into parameters: ParameterArena, _ configuration: ModelConfiguration,
        tolerating tolerance: LoadTolerance = .heads
    ) throws(ModelsError) -> LoadReport {
        let match = try configuration.match(source, parameters.entries, tolerating: tolerance)
        try parameters.read(match.fileNames, from: source)
        return match.report
    }

    /// How the tensors of `source` correspond to the parameters of a model with `head`. Throws `tensorMismatch` for wrong
    /// shapes, and what `tolerance` does not allow.
    package static func report(
        of source: any StateDictSource, _ configuration: ModelConfiguration, head: ModelHead,
        tolerating tolerance: LoadTolerance = .anything
    ) throws(ModelsError) -> LoadReport {
        try configuration.match(source, head: head, tolerating: tolerance).report
    }

    static func write(_ keys: [String: JSONValue], to path: String) throws(ModelsError) {
        var file = try AtomicFile(path: path)
        try file.write(Array((JSONValue.object(keys).text() + "\n").utf8))
        try file.commit()
    }
}
