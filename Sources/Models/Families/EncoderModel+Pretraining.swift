package import Tensor

/// What a model with the pretraining heads returns.
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

extension EncoderModel {
    /// Runs a model with the pretraining heads of a family that has a pair head (`hasPairHead`): both heads at once, the
    /// last layer only where one of them reads.
    package func forward(
        _ batch: PretrainingBatch, _ options: ForwardOptions = ForwardOptions()
    ) -> PretrainingOutput {
        guard let maskedLMHead, let pairHead, let pooler else { wrongHead("forward") }
        let output = network(batch.input, rows: batch.neededRows, options, dropoutPlan(options))
        let needed = output.lastHidden
        let (predictions, pairs) = (batch.predictionCount, batch.batchSize)
        // The pair head has no dropout before it, as in the original code; `transformers` has one in ALBERT.
        let pooled = pooler(needed.slice(rows: predictions..<predictions + pairs), activation: .tanh)
        return PretrainingOutput(
            predictionLogits: maskedLMHead(needed.slice(rows: 0..<predictions)),
            pairLogits: pairHead(pooled, resultType: pairHead.bias.dtype), pooled: pooled,
            hiddenStates: output.hiddenStates)
    }

    /// As the other `forward`; `key` nil means no dropout.
    package func forward(
        _ batch: PretrainingBatch, dropout key: RandomKey?, keepingHiddenStates: Bool = false,
        checkpointing: Bool = false
    ) -> PretrainingOutput {
        forward(
            batch,
            ForwardOptions(dropout: key, keepingHiddenStates: keepingHiddenStates, checkpointing: checkpointing))
    }
}
