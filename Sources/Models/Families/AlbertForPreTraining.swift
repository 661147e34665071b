package import Tensor

/// ALBERT with its masked-LM and sentence-order heads (Lan et al. 2020): embeddings of width E mapped to H, and layers
/// shared by all steps of the depth that fall in the same group.
package final class AlbertForPreTraining: PretrainingModel {
    /// The sizes.
    package let configuration: AlbertConfiguration
    /// The values and gradients of all parameters.
    package let parameters: ParameterArena
    private let network: PretrainingNetwork<AlbertConfiguration>

    /// The family and sizes.
    package var modelConfiguration: ModelConfiguration { .albert(configuration) }

    /// Binds to `parameters`, which must hold the pretraining entries.
    package init(_ configuration: AlbertConfiguration, parameters: ParameterArena) {
        self.configuration = configuration
        self.parameters = parameters
        let embeddings = Embeddings(
            Self.embeddingsName, epsilon: configuration.layerNormEpsilon, parameters)
        let groups = (0..<configuration.groupCount).map { group in
            (0..<configuration.innerLayerCount).map { layer in
                EncoderLayer(Self.layerNames(group: group, layer: layer), configuration, parameters)
            }
        }
        network = PretrainingNetwork(
            configuration, embeddings: embeddings, mapping: Linear(Self.mappingName, parameters),
            blocks: (0..<configuration.layerCount).map { groups[configuration.group(ofLayer: $0)] },
            heads: Self.headNames, parameters)
    }

    /// Runs the model.
    package func forward(_ batch: PretrainingBatch, _ options: ForwardOptions) -> PretrainingOutput {
        network.forward(batch, options)
    }

    /// The parameters in the order of the computation.
    package static func parameterEntries(
        _ configuration: AlbertConfiguration, contents: ModelContents
    ) -> [ParameterEntry] {
        var entries = Embeddings.entries(embeddingsName, configuration)
        entries += Linear.entries(
            mappingName, output: configuration.hiddenSize, input: configuration.embeddingSize,
            std: configuration.initializerRange)
        for group in 0..<configuration.groupCount {
            for layer in 0..<configuration.innerLayerCount {
                entries += EncoderLayer.entries(layerNames(group: group, layer: layer), configuration)
            }
        }
        return entries + headNames.entries(configuration, contents)
    }

    private static let embeddingsName = "albert.embeddings"
    private static let mappingName = "albert.encoder.embedding_hidden_mapping_in"
    /// The pooler is a bare linear layer, unlike BERT's `pooler.dense`.
    private static let headNames = PretrainingHeadNames(
        pooler: "albert.pooler",
        maskedLM: MaskedLMHeadNames(
            dense: "predictions.dense", norm: "predictions.LayerNorm", bias: "predictions.bias"),
        pair: "sop_classifier.classifier")

    private static func layerNames(group: Int, layer: Int) -> EncoderLayerNames {
        let name = "albert.encoder.albert_layer_groups.\(group).albert_layers.\(layer)"
        return EncoderLayerNames(
            query: "\(name).attention.query", key: "\(name).attention.key", value: "\(name).attention.value",
            attentionOutput: "\(name).attention.dense", attentionNorm: "\(name).attention.LayerNorm",
            intermediate: "\(name).ffn", output: "\(name).ffn_output", outputNorm: "\(name).full_layer_layer_norm")
    }
}
