import Tensor

/// Embeddings and layers: the computation that all families share.
struct EncoderNetwork {
    private let embeddings: Embeddings
    /// E -> H, where the family has one.
    private let mapping: Linear?
    /// The layers in the order of use; `blocks[i]` is one step of the depth that counts as a hidden state.
    private let blocks: [[EncoderLayer]]
    private let maximumTokens: Int

    /// Binds to the parameters that `layout` names.
    init(_ layout: ModelLayout, _ configuration: any EncoderConfiguration, _ parameters: ParameterArena) {
        embeddings = Embeddings(layout.embeddings, configuration, parameters)
        mapping = layout.mapping.map { Linear($0, parameters) }
        let layers = layout.layers.map { EncoderLayer($0, configuration, parameters) }
        blocks = layout.blocks.map { block in block.map { layers[$0] } }
        maximumTokens = configuration.maximumTokens
    }

    /// The last hidden state, or only the rows of it that `rows` names (int32, [m]), with what `options` asks for.
    ///
    /// The last layer computes no other rows, unless the hidden states are to be kept.
    func callAsFunction(
        _ input: EncoderInput, rows: Tensor?, _ options: ForwardOptions, _ dropout: DropoutPlan
    ) -> EncoderOutput {
        let sequences = input.sequences
        precondition(
            sequences.longest <= maximumTokens,
            "a sequence of \(sequences.longest) tokens, but the position table serves \(maximumTokens)")
        let embedded = embeddings(input, dropout: dropout.embeddings)
        var hidden = mapping?(embedded) ?? embedded
        var hiddenStates = options.keepingHiddenStates ? [hidden] : []
        var attentions: [[Tensor]] = []
        let last = blocks.reduce(0) { $0 + $1.count } - 1
        var use = 0
        for block in blocks {
            for layer in block {
                let number = use
                let chosen = number == last && !options.keepingHiddenStates ? rows : nil
                func run(_ x: Tensor) -> Tensor {
                    layer(x, sequences: sequences, rows: chosen, dropout: dropout, use: number)
                }
                if options.keepingAttentions { attentions.append(layer.probabilities(hidden, sequences: sequences)) }
                // A frozen layer over frozen ones records nothing, so there is nothing to compute again.
                let checkpoints = options.checkpointing && (hidden.requiresGradient || layer.wantsGradients)
                hidden = checkpoints ? Tensor.checkpointed(hidden, run) : run(hidden)
                use += 1
            }
            if options.keepingHiddenStates { hiddenStates.append(hidden) }
        }
        if options.keepingHiddenStates, let rows { hidden = hidden.gatherRows(indices: rows) }
        return EncoderOutput(lastHidden: hidden, hiddenStates: hiddenStates, attentions: attentions)
    }
}
