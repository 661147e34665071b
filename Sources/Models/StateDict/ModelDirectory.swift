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
        let path = "\(directory)/\(configurationName)"
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw ModelsError(.fileSystem, source: path, "cannot read; a model directory is expected here")
        }
        return try ModelConfiguration(keys: JSONValue.parseObject(data, source: path), source: path)
    }

    /// Opens a model. Parameters that the file lacks are drawn from `seed`; unless `allowingMissing`, only those of
    /// the heads may be lacking.
    package static func load(
        _ directory: String, head: ModelHead = .pretraining, dtype: DType = .float32, seed: UInt64 = 0,
        allowingMissing: Bool = false, in context: ComputeContext
    ) throws -> (model: EncoderModel, report: LoadReport) {
        let configuration = try configuration(in: directory)
        let model = EncoderModel(configuration, head: head, seed: seed, dtype: dtype, in: context)
        let report = try loadWeights(
            from: SafetensorsFile(path: "\(directory)/\(weightsName)"), into: model.parameters, configuration,
            allowingMissing: allowingMissing)
        return (model, report)
    }

    /// Copies the weights in `file` to the parameters they belong to, across the names of older files and of bare
    /// encoders. Throws `missingTensor` if nothing matches or, unless `allowingMissing`, if any parameter of the
    /// encoder is lacking; throws `tensorMismatch` for a wrong shape. Nothing is written then.
    package static func loadWeights(
        from file: SafetensorsFile, into parameters: ParameterArena, _ configuration: ModelConfiguration,
        allowingMissing: Bool = false
    ) throws -> LoadReport {
        let matcher = configuration.nameMatcher
        let match = matcher.match(parameters: parameters.entries.map(\.name), tensors: file.entries.map(\.name))
        let report = match.report
        guard !report.loaded.isEmpty else {
            throw ModelsError(
                .missingTensor, source: file.path,
                "none of its \(file.entries.count) tensors belongs to a model of type "
                    + "'\(type(of: configuration.encoder).modelType)'")
        }
        let lacking = report.missing.filter { $0.hasPrefix(matcher.basePrefix) }
        if let first = lacking.first, !allowingMissing {
            throw ModelsError(
                .missingTensor, source: file.path,
                "\(lacking.count) tensors of the encoder are missing, the first is '\(first)'")
        }
        try parameters.read(match.fileNames, from: file)
        return report
    }

    static func write(_ keys: [String: JSONValue], to path: String) throws(ModelsError) {
        var file = try AtomicFile(path: path)
        try file.write(Array((JSONValue.object(keys).text() + "\n").utf8))
        try file.commit()
    }
}
