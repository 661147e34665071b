import FoundationEssentials
import Tensor

/// A model in files of any kind, ready to be written as `transformers` expects it.
package struct ModelConversion {
    /// The family and sizes.
    package let configuration: ModelConfiguration
    /// What the tensors are those of.
    package let head: ModelHead
    /// How the tensors correspond to the parameters of such a model. Unexpected ones are written too.
    package let report: LoadReport
    private let source: any StateDictSource
    private let tensors: [(name: String, tensor: StoredTensor)]

    /// Opens `weights` (`StateDictFiles.open`) with the configuration in the file `configuration`; nil: the
    /// `config.json` beside the weights. The head is the one that `configuration` names if its tensors are there, else
    /// the largest whose tensors are. Throws `ModelsError`, also if a tensor of the encoder is missing or has another
    /// shape.
    package init(weights: String, configuration path: String? = nil) throws(ModelsError) {
        source = try StateDictFiles.open(weights)
        let described = try ModelDirectory.configuration(
            at: path ?? "\(parentDirectory(of: source.path))/\(ModelDirectory.configurationName)", of: source)
        head = described.head(of: source)
        configuration = described.naming(classesOf: head)
        let match = try configuration.match(source, head: head, tolerating: .heads)
        report = match.report
        var tensors: [(name: String, tensor: StoredTensor)] = []
        for (name, stored) in match.fileNames {
            if let tensor = source.tensor(stored) { tensors.append((name, tensor)) }
        }
        for (stored, name) in match.unexpectedNames where match.fileNames[name] == nil {
            if let tensor = source.tensor(stored) { tensors.append((name, tensor)) }
        }
        self.tensors = tensors.sorted { $0.name < $1.name }
    }

    /// The file that was opened.
    package var path: String { source.path }
    /// Its format.
    package var format: StateDictFormat { source.format }
    /// Number of tensors that `write` writes: tied ones once, no buffers.
    package var tensorCount: Int { tensors.count }

    /// Writes `config.json`, `model.safetensors` with the element types of the source, and `tokenizer`'s files (nil:
    /// those that lie beside the weights). The directory appears complete or not at all. Throws `ModelsError`.
    package func write(to directory: String, tokenizer: TokenizerFiles? = nil) throws {
        let items = tensors.map { name, tensor in
            unsafe SafetensorsItem(name: name, dtype: tensor.dtype, shape: tensor.shape) { body in
                try unsafe tensor.withRowMajorBytes { try unsafe body($0) }
            }
        }
        try ModelDirectory.save(
            configuration, head: head, tensors: items,
            tokenizer: tokenizer ?? .copied(from: parentDirectory(of: path)), to: directory)
    }
}

extension ModelConfiguration {
    /// The head whose tensors are in `source`: the one that the configuration was saved with, or else the largest.
    package func head(of source: any StateDictSource) -> ModelHead {
        let sequences = labels(layout.sequence.output, source)
        let tokens = labels(layout.token, source)
        let saved: ModelHead? =
            switch savedHead {
            case .sequenceClassification: .sequenceClassification(labels: sequences)
            case .tokenClassification: .tokenClassification(labels: tokens)
            default: savedHead
            }
        let heads: [ModelHead] = [
            .pretraining, .maskedLM, .questionAnswering, .sequenceClassification(labels: sequences),
            .tokenClassification(labels: tokens),
        ]
        let matcher = nameMatcher
        return ((saved.map { [$0] } ?? []) + heads).first { head in
            let names = parameterEntries(head: head).map(\.name)
            let missing = matcher.match(parameters: names, tensors: source.names).report.missing
            return missing.allSatisfy { $0.hasPrefix(matcher.basePrefix) }
        } ?? .none
    }

    /// The number of classes: as the configuration says, or as the classifier called `name` has rows.
    private func labels(_ name: String, _ source: any StateDictSource) -> Int {
        if let labels = encoder.task.labels { return labels.count }
        let rows = source.tensor("\(name).weight")?.shape.first ?? 0
        return (1...TaskSettings.labelLimit).contains(rows) ? rows : 2
    }

    /// The same, with numbered names for the classes of `head` if they have none.
    func naming(classesOf head: ModelHead) -> ModelConfiguration {
        switch head {
        case .sequenceClassification(let labels), .firstTokenClassification(let labels),
            .tokenClassification(let labels):
            var named = self
            named.encoder.task.labels = encoder.task.labels ?? (0..<labels).map { "LABEL_\($0)" }
            return named
        default: return self
        }
    }
}
