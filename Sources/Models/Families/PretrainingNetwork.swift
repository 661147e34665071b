import Tensor

/// The computation that all pretraining families share; a family differs in names, in the map from embedding width to
/// encoder width, and in which layers its depth uses.
struct PretrainingNetwork<Configuration: EncoderConfiguration> {
    let configuration: Configuration
    let embeddings: Embeddings
    /// E -> H, where the family has one.
    let mapping: Linear?
    /// The layers in the order of use; `blocks[i]` is one step of the depth that counts as a hidden state.
    let blocks: [[EncoderLayer]]
    private let pooler: Linear
    private let maskedLMHead: MaskedLMHead
    private let pairHead: Linear

    /// Binds the heads to `parameters`; the family has bound what lies below them.
    init(
        _ configuration: Configuration, embeddings: Embeddings, mapping: Linear?, blocks: [[EncoderLayer]],
        heads: PretrainingHeadNames, _ parameters: ParameterArena
    ) {
        self.configuration = configuration
        self.embeddings = embeddings
        self.mapping = mapping
        self.blocks = blocks
        pooler = Linear(heads.pooler, parameters)
        maskedLMHead = MaskedLMHead(
            heads.maskedLM, configuration, wordTable: parameters.weight(embeddings.wordTableName), parameters)
        pairHead = Linear(heads.pair, parameters)
    }

    /// Embeddings, layers, then the heads, each computed only where it is needed.
    func forward(_ batch: PretrainingBatch, _ options: ForwardOptions) -> PretrainingOutput {
        precondition(
            batch.sequences.longest <= configuration.maximumPositions,
            "sequence of \(batch.sequences.longest) tokens, but the position table has "
                + "\(configuration.maximumPositions) rows")
        let dropout = DropoutPlan(key: options.dropout, configuration)
        let embedded = embeddings(batch, dropout: dropout.embeddings)
        let (needed, hiddenStates) = encode(mapping?(embedded) ?? embedded, batch, options, dropout)
        let (predictions, pairs) = (batch.predictionCount, batch.batchSize)
        // The pair head has no dropout before it, as in the original code; `transformers` has one in ALBERT.
        let pooled = pooler(needed.slice(rows: predictions..<predictions + pairs), activation: .tanh)
        return PretrainingOutput(
            predictionLogits: maskedLMHead(needed.slice(rows: 0..<predictions)),
            pairLogits: pairHead(pooled, resultType: pairHead.bias.dtype), pooled: pooled,
            hiddenStates: hiddenStates)
    }

    /// The last hidden state at `batch.neededRows`, [n + B, H], and the hidden states that were asked for.
    private func encode(
        _ input: Tensor, _ batch: PretrainingBatch, _ options: ForwardOptions, _ dropout: DropoutPlan
    ) -> (needed: Tensor, hiddenStates: [Tensor]) {
        let last = blocks.reduce(0) { $0 + $1.count } - 1
        let sequences = batch.sequences
        var hidden = input
        var hiddenStates = options.keepingHiddenStates ? [input] : []
        var use = 0
        for block in blocks {
            for layer in block {
                let number = use
                let rows = number == last && !options.keepingHiddenStates ? batch.neededRows : nil
                func run(_ x: Tensor) -> Tensor {
                    layer(x, sequences: sequences, rows: rows, dropout: dropout, use: number)
                }
                hidden = options.checkpointing ? Tensor.checkpointed(hidden, run) : run(hidden)
                use += 1
            }
            if options.keepingHiddenStates { hiddenStates.append(hidden) }
        }
        return (options.keepingHiddenStates ? hidden.gatherRows(indices: batch.neededRows) : hidden, hiddenStates)
    }
}
