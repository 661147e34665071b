import Tensor

extension ModelConfiguration {
    /// The names that `transformers` gives the dropout layers of a model with `head`, with their rates. Those of the
    /// encoder's layers follow from the names of the maps before them.
    func dropoutSites(head: ModelHead) -> [(name: String, rate: Double)] {
        let (layout, encoder) = (layout, encoder)
        let (hidden, attention) = (encoder.hiddenDropoutRate, encoder.attentionDropoutRate)
        var sites = [("\(layout.embeddings).dropout", hidden)]
        for layer in layout.layers {
            func beside(_ name: String, _ site: String) -> String {
                name.split(separator: ".").dropLast().joined(separator: ".") + ".\(site)"
            }
            if case .albert = self {
                // The third that the class has, after the feed-forward block, is never applied.
                sites.append((beside(layer.query, "attention_dropout"), attention))
                sites.append((beside(layer.query, "output_dropout"), hidden))
            } else {
                sites.append((beside(layer.query, "dropout"), attention))
                if type(of: encoder).dropsAttentionOutput {
                    sites.append((beside(layer.attentionOutput, "dropout"), hidden))
                }
                sites.append((beside(layer.output, "dropout"), hidden))
            }
        }
        // RoBERTa's classifier of sequences is a module with parts.
        let classifier = layout.sequence.dense.hasPrefix("classifier.") ? "classifier.dropout" : "dropout"
        switch head {
        case .sequenceClassification: sites.append((classifier, layout.sequenceDropoutRate))
        case .tokenClassification: sites.append(("dropout", layout.tokenDropoutRate))
        case .multipleChoice: sites.append(("dropout", layout.choiceDropoutRate))
        case .questionAnswering where layout.spanDropoutRate > 0: sites.append(("dropout", layout.spanDropoutRate))
        case .questionAnswering, .firstTokenClassification, .pretraining, .maskedLM, .none: break
        }
        return sites
    }

    /// Whether `module` normalises its input. All such modules of a model have the same epsilon.
    static func isNorm(_ module: some StringProtocol) -> Bool {
        module.lowercased().hasSuffix("layernorm") || module.lowercased().hasSuffix("layer_norm")
    }

    /// Numbers in this model with other heads, for comparison with published counts: the encoder with and without its
    /// pooler, and with each head; classifiers with two classes.
    package var parameterCounts: [(name: String, count: Int)] {
        let bare = parameterEntries(head: .none)
        let pooler = bare.filter { entry in layout.pooler.map { entry.name.hasPrefix("\($0).") } ?? false }
        let poolerCount = pooler.reduce(0) { $0 + $1.shape.count }
        let encoder = bare.reduce(0) { $0 + $1.shape.count } - poolerCount
        let heads: [(String, ModelHead)] = [
            ("masked_lm", .maskedLM), ("pretraining", .pretraining),
            ("sequence_classification", .sequenceClassification(labels: 2)),
            ("token_classification", .tokenClassification(labels: 2)), ("question_answering", .questionAnswering),
            ("multiple_choice", .multipleChoice),
        ]
        return [("encoder", encoder)] + (poolerCount > 0 ? [("encoder_with_pooler", encoder + poolerCount)] : [])
            + heads.map { (name: $0.0, count: parameterCount(head: $0.1)) }
    }
}
