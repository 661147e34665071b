import Tensor

extension DistilBertConfiguration {
    /// BERT's computation under other names; the classifiers bring their own map of the first token (Sanh et al. 2019).
    var layout: ModelLayout {
        let first = FirstTokenHeadNames(dense: "pre_classifier", activation: .relu, output: "classifier")
        return ModelLayout(
            prefix: "distilbert.", embeddings: "distilbert.embeddings",
            layers: (0..<layerCount).map(Self.layerNames), blocks: (0..<layerCount).map { [$0] }, pooler: nil,
            maskedLM: MaskedLMHeadNames(
                dense: "vocab_transform", norm: "vocab_layer_norm", bias: "vocab_projector.bias",
                decoder: "vocab_projector"),
            sequence: first, choice: first, sequenceDropoutRate: sequenceDropoutRate,
            choiceDropoutRate: sequenceDropoutRate, tokenDropoutRate: hiddenDropoutRate,
            spanDropoutRate: questionDropoutRate)
    }

    private static func layerNames(_ layer: Int) -> EncoderLayerNames {
        let name = "distilbert.transformer.layer.\(layer)"
        return EncoderLayerNames(
            query: "\(name).attention.q_lin", key: "\(name).attention.k_lin", value: "\(name).attention.v_lin",
            attentionOutput: "\(name).attention.out_lin", attentionNorm: "\(name).sa_layer_norm",
            intermediate: "\(name).ffn.lin1", output: "\(name).ffn.lin2", outputNorm: "\(name).output_layer_norm")
    }
}
