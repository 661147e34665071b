import Tensor

extension AlbertConfiguration {
    /// Embeddings of width E mapped to H, and layers shared by all steps of the depth that fall in the same group
    /// (Lan et al. 2020).
    var layout: ModelLayout {
        // A bare linear layer, unlike BERT's `pooler.dense`.
        let pooled = FirstTokenHeadNames(dense: "albert.pooler", activation: .tanh, output: "classifier")
        return ModelLayout(
            prefix: "albert.", embeddings: "albert.embeddings",
            mapping: "albert.encoder.embedding_hidden_mapping_in",
            layers: (0..<groupCount * innerLayerCount).map {
                Self.layerNames(group: $0 / innerLayerCount, layer: $0 % innerLayerCount)
            },
            blocks: (0..<layerCount).map { step in
                (0..<innerLayerCount).map { group(ofLayer: step) * innerLayerCount + $0 }
            },
            pooler: pooled.dense,
            maskedLM: MaskedLMHeadNames(
                dense: "predictions.dense", norm: "predictions.LayerNorm", bias: "predictions.bias",
                decoder: "predictions.decoder"),
            pair: "sop_classifier.classifier", sequence: pooled, choice: pooled,
            sequenceDropoutRate: classifierDropoutRate, choiceDropoutRate: classifierDropoutRate,
            tokenDropoutRate: classifierDropoutRate, spanDropoutRate: 0)
    }

    private static func layerNames(group: Int, layer: Int) -> EncoderLayerNames {
        let name = "albert.encoder.albert_layer_groups.\(group).albert_layers.\(layer)"
        return EncoderLayerNames(
            query: "\(name).attention.query", key: "\(name).attention.key", value: "\(name).attention.value",
            attentionOutput: "\(name).attention.dense", attentionNorm: "\(name).attention.LayerNorm",
            intermediate: "\(name).ffn", output: "\(name).ffn_output", outputNorm: "\(name).full_layer_layer_norm")
    }
}
