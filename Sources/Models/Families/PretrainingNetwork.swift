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
        maskedLMHead = MaskedLMHead(heads.maskedLM, configuration, wordTable: embeddings.word, parameters)
        pairHead = Linear(heads.pair, parameters)
    }

    /// Embeddings, layers, then the heads, each computed only where it is needed.
    func forward(_ batch: PretrainingBatch, dropout key: RandomKey?, keepingHiddenStates: Bool) -> PretrainingOutput {
        precondition(
            batch.sequenceLength <= configuration.maximumPositions,
            "sequence of \(batch.sequenceLength) tokens, but the position table has \(configuration.maximumPositions) rows"
        )
        let dropout = DropoutPlan(key: key, configuration)
        let embedded = embeddings(ids: batch.inputIDs, segments: batch.segmentIDs, dropout: dropout.embeddings)
        var hidden = mapping?(embedded) ?? embedded
        var hiddenStates = keepingHiddenStates ? [hidden] : []
        var use = 0
        for block in blocks {
            for layer in block {
                hidden = layer(hidden, mask: batch.mask, dropout: dropout, use: use)
                use += 1
            }
            if keepingHiddenStates { hiddenStates.append(hidden) }
        }
        let rows = hidden.reshaped([batch.batchSize * batch.sequenceLength, configuration.hiddenSize])
        // The pair head has no dropout before it, as in the original code; `transformers` has one in ALBERT.
        let pooled = pooler(rows.gatherRows(indices: batch.firstRows), activation: .tanh)
        return PretrainingOutput(
            predictionLogits: maskedLMHead(rows.gatherRows(indices: batch.maskedRows)),
            pairLogits: pairHead(pooled), pooled: pooled, hiddenStates: hiddenStates)
    }
}
