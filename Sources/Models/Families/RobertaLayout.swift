import Tensor

extension RobertaConfiguration {
    /// BERT's encoder; a sequence classifier with its own map of the first token, and no pair head (Liu et al. 2019).
    var layout: ModelLayout {
        let rate = classifierDropoutRate ?? hiddenDropoutRate
        let pooler = "roberta.pooler.dense"
        return ModelLayout(
            prefix: "roberta.", embeddings: "roberta.embeddings",
            layers: (0..<layerCount).map { EncoderLayerNames(bert: "roberta.encoder.layer.\($0)") },
            blocks: (0..<layerCount).map { [$0] }, pooler: pooler,
            maskedLM: MaskedLMHeadNames(
                dense: "lm_head.dense", norm: "lm_head.layer_norm", bias: "lm_head.bias", decoder: "lm_head.decoder",
                activation: .gelu),
            sequence: FirstTokenHeadNames(
                dense: "classifier.dense", activation: .tanh, output: "classifier.out_proj", dropsInput: true),
            choice: FirstTokenHeadNames(dense: pooler, activation: .tanh, output: "classifier"),
            // The multiple-choice class of `transformers` does not look at `classifier_dropout`.
            sequenceDropoutRate: rate, choiceDropoutRate: hiddenDropoutRate, tokenDropoutRate: rate,
            spanDropoutRate: 0)
    }
}
