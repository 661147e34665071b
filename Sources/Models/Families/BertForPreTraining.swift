package import Tensor

/// BERT with its masked-LM and next-sentence heads (Devlin et al. 2019).
package final class BertForPreTraining: PretrainingModel {
    /// The sizes.
    package let configuration: BertConfiguration
    /// The values and gradients of all parameters.
    package let parameters: ParameterArena
    private let network: PretrainingNetwork<BertConfiguration>

    /// The family and sizes.
    package var modelConfiguration: ModelConfiguration { .bert(configuration) }

    /// Binds to `parameters`, which must hold the pretraining entries.
    package init(_ configuration: BertConfiguration, parameters: ParameterArena) {
        self.configuration = configuration
        self.parameters = parameters
        let embeddings = Embeddings(
            Self.embeddingsName, epsilon: configuration.layerNormEpsilon, parameters)
        network = PretrainingNetwork(
            configuration, embeddings: embeddings, mapping: nil,
            blocks: (0..<configuration.layerCount).map { layer in
                [EncoderLayer(Self.layerNames(layer), configuration, parameters)]
            },
            heads: Self.headNames, parameters)
    }

    /// Runs the model.
    package func forward(_ batch: PretrainingBatch, _ options: ForwardOptions) -> PretrainingOutput {
        network.forward(batch, options)
    }

    /// The parameters in the order of the computation.
    package static func parameterEntries(
        _ configuration: BertConfiguration, contents: ModelContents
    ) -> [ParameterEntry] {
        var entries = Embeddings.entries(embeddingsName, configuration)
        for layer in 0..<configuration.layerCount {
            entries += EncoderLayer.entries(layerNames(layer), configuration)
        }
        return entries + headNames.entries(configuration, contents)
    }

    private static let embeddingsName = "bert.embeddings"
    private static let headNames = PretrainingHeadNames(
        pooler: "bert.pooler.dense",
        maskedLM: MaskedLMHeadNames(
            dense: "cls.predictions.transform.dense", norm: "cls.predictions.transform.LayerNorm",
            bias: "cls.predictions.bias"),
        pair: "cls.seq_relationship")

    private static func layerNames(_ layer: Int) -> EncoderLayerNames {
        let name = "bert.encoder.layer.\(layer)"
        return EncoderLayerNames(
            query: "\(name).attention.self.query", key: "\(name).attention.self.key",
            value: "\(name).attention.self.value", attentionOutput: "\(name).attention.output.dense",
            attentionNorm: "\(name).attention.output.LayerNorm", intermediate: "\(name).intermediate.dense",
            output: "\(name).output.dense", outputNorm: "\(name).output.LayerNorm")
    }
}
