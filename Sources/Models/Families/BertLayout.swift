import Tensor

extension BertConfiguration {
    /// A layer per step of the depth; the classifiers read the pooled token (Devlin et al. 2019).
    var layout: ModelLayout {
        let pooled = FirstTokenHeadNames(dense: "bert.pooler.dense", activation: .tanh, output: "classifier")
        let rate = classifierDropoutRate ?? hiddenDropoutRate
        return ModelLayout(
            prefix: "bert.", embeddings: "bert.embeddings",
            layers: (0..<layerCount).map { EncoderLayerNames(bert: "bert.encoder.layer.\($0)") },
            blocks: (0..<layerCount).map { [$0] }, pooler: pooled.dense,
            maskedLM: MaskedLMHeadNames(
                dense: "cls.predictions.transform.dense", norm: "cls.predictions.transform.LayerNorm",
                bias: "cls.predictions.bias", decoder: "cls.predictions.decoder"),
            pair: "cls.seq_relationship", sequence: pooled, choice: pooled, sequenceDropoutRate: rate,
            choiceDropoutRate: rate, tokenDropoutRate: rate, spanDropoutRate: 0)
    }
}

extension EncoderLayerNames {
    /// The names below `name` in the state dicts of BERT and of what took over its code.
    init(bert name: String) {
        self.init(
            query: "\(name).attention.self.query", key: "\(name).attention.self.key",
            value: "\(name).attention.self.value", attentionOutput: "\(name).attention.output.dense",
            attentionNorm: "\(name).attention.output.LayerNorm", intermediate: "\(name).intermediate.dense",
            output: "\(name).output.dense", outputNorm: "\(name).output.LayerNorm")
    }
}
