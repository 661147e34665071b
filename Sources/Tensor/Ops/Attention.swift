extension Tensor {
    /// Multi-head scaled dot-product self-attention over packed sequences, `softmax(q·kᵀ/√d)·v` per head with
    /// d = H / heads (Vaswani et al. 2017, equation 1), with dropout on the probabilities. Every token sees the tokens
    /// of its own sequence and no others.
    ///
    /// `qkv` is [T, 3H], T = `sequences.tokenCount`: queries, keys and values side by side, heads side by side in each.
    /// Returns [T, H]. The dropout mask's element index is the probability's place by sequence, head, query and key.
    /// Only the logarithm of each softmax denominator is kept for the backward pass, which computes the probabilities
    /// again (as Dao et al. 2022 do), so nothing quadratic in the length outlives a call.
    package static func attention(
        qkv: Tensor, sequences: SequenceOffsets, heads: Int, dropout: Dropout? = nil
    ) -> Tensor {
        let layout = AttentionLayout(of: qkv, sequences: sequences, heads: heads)
        let dropout = dropout.flatMap { $0.rate > 0 ? $0 : nil }
        let (operands, slot) = (qkv.detached(), qkv.slot)
        guard qkv.dtype != .float64 else {
            let values = operands.doubles()
            let probabilities = Twins.attentionProbabilities(values, layout)
            let used = dropout.map { Twins.dropped(probabilities, $0) } ?? probabilities
            let output = Tensor(
                Twins.attentionContext(probabilities: used, values, layout),
                shape: [sequences.tokenCount, layout.resultWidth], in: qkv.context)
            if Tensor.records(qkv) {
                output.record("attention", from: [qkv]) { gradient in
                    let values = Twins.attentionGradient(
                        gradient.doubles(), probabilities: probabilities, values, layout, dropout)
                    slot?.add(Tensor(values, shape: operands.shape, in: operands.context))
                }
            }
            return output
        }
        let attention = PackedAttention(operands, layout, dropout)
        let (output, logSumExp) = attention.forward()
        if Tensor.records(qkv) {
            output.record("attention", from: [qkv]) { gradient in
                slot?.add(attention.backward(gradient, logSumExp: logSumExp))
            }
        }
        return output
    }

    /// The probabilities that `attention` weighs values with, before dropout and outside any tape: one [heads, L, L]
    /// (queries by keys) per sequence, in the type of parameters. For looking at; `attention` itself keeps none of them.
    package static func attentionProbabilities(qkv: Tensor, sequences: SequenceOffsets, heads: Int) -> [Tensor] {
        let layout = AttentionLayout(of: qkv, sequences: sequences, heads: heads)
        guard qkv.dtype == .float64 else { return PackedAttention(qkv, layout, nil).probabilities() }
        let values = Twins.attentionProbabilities(qkv.doubles(), layout)
        return sequences.lengths.enumerated().map { index, length in
            let range = layout.probabilityStarts[index]..<layout.probabilityStarts[index + 1]
            return Tensor(Array(values[range]), shape: [heads, length, length], in: qkv.context)
        }
    }
}

extension AttentionLayout {
    /// The layout of `qkv`, [T, 3H]; traps if it does not fit the sequences and heads.
    fileprivate init(of qkv: Tensor, sequences: SequenceOffsets, heads: Int) {
        qkv.checkType("attention")
        require(
            qkv.shape.rank == 2 && qkv.shape[0] == sequences.tokenCount,
            "attention: \(qkv.shape) does not hold the \(sequences.tokenCount) tokens of its \(sequences.count) sequences"
        )
        require(
            heads > 0 && qkv.shape[1] % (3 * heads) == 0,
            "attention: width \(qkv.shape[1]) does not divide into queries, keys and values of \(heads) heads")
        self.init(sequences: sequences, heads: heads, width: qkv.shape[1] / (3 * heads))
    }
}
