package import Tensor

/// What a pretraining model returns.
package struct PretrainingOutput {
    /// Masked-LM logits [n, V], one row per masked position of the batch.
    package let predictionLogits: Tensor
    /// Sentence-pair logits [B, 2].
    package let pairLogits: Tensor
    /// The pooled first token [B, H].
    package let pooled: Tensor
    /// If asked for: what enters the first layer and what leaves each use of a layer (of a group, for ALBERT), each
    /// [T, H].
    package let hiddenStates: [Tensor]
}

/// An encoder with a masked-LM head and a sentence-pair head over one parameter arena.
///
/// A model holds no state but its parameters; forward passes of one model must not run at the same time.
package protocol PretrainingModel: AnyObject {
    associatedtype Configuration: EncoderConfiguration

    /// The parameters in the order of the computation, with their Hugging Face names. Tied weights occur once.
    static func parameterEntries(_ configuration: Configuration, contents: ModelContents) -> [ParameterEntry]
    /// Binds to `parameters`, which must hold the pretraining entries.
    init(_ configuration: Configuration, parameters: ParameterArena)

    /// The family and sizes.
    var modelConfiguration: ModelConfiguration { get }
    /// The values and gradients of all parameters.
    var parameters: ParameterArena { get }
    /// Runs the model.
    func forward(_ batch: PretrainingBatch, _ options: ForwardOptions) -> PretrainingOutput
}

extension PretrainingModel {
    /// The entries of a pretraining model.
    package static func parameterEntries(_ configuration: Configuration) -> [ParameterEntry] {
        parameterEntries(configuration, contents: .pretraining)
    }

    /// Runs the model; `key` nil means no dropout.
    package func forward(
        _ batch: PretrainingBatch, dropout key: RandomKey?, keepingHiddenStates: Bool = false,
        checkpointing: Bool = false
    ) -> PretrainingOutput {
        forward(
            batch,
            ForwardOptions(dropout: key, keepingHiddenStates: keepingHiddenStates, checkpointing: checkpointing))
    }
}

extension ModelConfiguration {
    /// The parameter entries of a model with this configuration.
    package func parameterEntries(contents: ModelContents = .pretraining) -> [ParameterEntry] {
        switch self {
        case .albert(let configuration): AlbertForPreTraining.parameterEntries(configuration, contents: contents)
        case .bert(let configuration): BertForPreTraining.parameterEntries(configuration, contents: contents)
        }
    }

    /// Number of trained numbers, tied ones counted once.
    package func parameterCount(contents: ModelContents = .pretraining) -> Int {
        parameterEntries(contents: contents).reduce(0) { $0 + $1.shape.count }
    }
}

/// The pretraining model of `configuration` over `parameters`, which must hold its pretraining entries.
package func makePretrainingModel(
    _ configuration: ModelConfiguration, parameters: ParameterArena
) -> any PretrainingModel {
    switch configuration {
    case .albert(let configuration): AlbertForPreTraining(configuration, parameters: parameters)
    case .bert(let configuration): BertForPreTraining(configuration, parameters: parameters)
    }
}

/// A new model of `configuration` whose parameters are drawn from `seed`, in an arena of their own that computes in
/// `computeType` (nil: `dtype`). `extraGradientElements` numbers travel at the end of the arena's gradients.
package func makePretrainingModel(
    _ configuration: ModelConfiguration, seed: UInt64, dtype: DType = .float32, computeType: DType? = nil,
    extraGradientElements: Int = 0, in context: ComputeContext
) -> any PretrainingModel {
    let parameters = ParameterArena(
        entries: configuration.parameterEntries(), dtype: dtype, computeType: computeType,
        extraGradientElements: extraGradientElements, in: context)
    parameters.initialize(seed: seed)
    parameters.refreshWeights()
    return makePretrainingModel(configuration, parameters: parameters)
}
