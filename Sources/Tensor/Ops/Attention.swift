extension Tensor {
    /// Multi-head scaled dot-product attention, `softmax(q·kᵀ/√d + mask)·v` per head with d = H / heads (Vaswani et al.
    /// 2017, equation 1), with dropout on the probabilities.
    ///
    /// `query`, `key` and `value` are [B, S, H], heads side by side in H; `mask`, [B, S], is added to the scores of
    /// each key: 0 for a visible one, a large negative number for a hidden one. Returns [B, S, H]. The dropout mask's
    /// element index is that of the probabilities, [B, heads, S, S]. Only the probabilities before dropout are kept for
    /// the backward pass, besides the operands.
    package static func attention(
        query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, heads: Int, dropout: Dropout? = nil
    ) -> Tensor {
        query.checkArithmetic("attention", key, value, mask)
        let shape = query.shape
        require(
            shape.rank == 3 && key.shape == shape && value.shape == shape,
            "attention: query \(shape), key \(key.shape) and value \(value.shape) must be the same [B, S, H]")
        require(
            heads > 0 && shape[2] % heads == 0, "attention: width \(shape[2]) does not divide into \(heads) heads")
        require(
            mask == nil || mask?.shape == [shape[0], shape[1]],
            "attention: mask \(mask?.shape ?? []) does not fit batch and sequence of \(shape)")
        require(mask?.requiresGradient != true, "attention: the mask cannot have a gradient")
        let extents = AttentionExtents(
            batch: shape[0], sequence: shape[1], heads: heads, width: shape[2] / heads)
        let operands = Attention.Operands(
            query: query.detached(), key: key.detached(), value: value.detached(), dropout: dropout)
        let records = Tensor.records(query, key, value)
        let (output, probabilities) = Attention.forward(operands, mask: mask, extents, keepsProbabilities: records)
        if records, let probabilities {
            let slots = Attention.Slots(query: query.slot, key: key.slot, value: value.slot)
            output.record("attention", from: [query, key, value]) { gradient in
                Attention.backward(gradient, operands, probabilities: probabilities, extents, slots)
            }
        }
        return output
    }
}

/// The two passes of attention.
enum Attention {
    /// What both passes read.
    struct Operands {
        let query: Tensor
        let key: Tensor
        let value: Tensor
        let dropout: Dropout?
    }

    /// Where the gradients of the operands go; nil where none is wanted.
    struct Slots {
        let query: GradientSlot?
        let key: GradientSlot?
        let value: GradientSlot?
    }

    /// Returns the context and, if asked for, the probabilities before dropout, [B, heads, S, S].
    static func forward(
        _ operands: Operands, mask: Tensor?, _ extents: AttentionExtents, keepsProbabilities: Bool
    ) -> (output: Tensor, probabilities: Tensor?) {
        let (query, context) = (operands.query, operands.query.context)
        guard query.dtype == .float32 else {
            let probabilities = Twins.attentionProbabilities(
                query: query.doubles(), key: operands.key.doubles(), mask: mask?.doubles(), extents)
            let output = Twins.attentionContext(
                probabilities: operands.dropout.map { Twins.dropped(probabilities, $0) } ?? probabilities,
                value: operands.value.doubles(), extents)
            return (
                Tensor(output, shape: query.shape, in: context),
                Tensor(probabilities, shape: extents.probabilityShape, in: context)
            )
        }
        return FloatAttention.forward(operands, mask: mask, extents, keepsProbabilities: keepsProbabilities)
    }

    /// Feeds the slots.
    static func backward(
        _ gradient: Tensor, _ operands: Operands, probabilities: Tensor, _ extents: AttentionExtents, _ slots: Slots
    ) {
        guard gradient.dtype == .float32 else {
            return backwardTwin(gradient, operands, probabilities: probabilities, extents, slots)
        }
        FloatAttention.backward(gradient, operands, probabilities: probabilities, extents, slots)
    }

    private static func backwardTwin(
        _ gradient: Tensor, _ operands: Operands, probabilities: Tensor, _ extents: AttentionExtents, _ slots: Slots
    ) {
        let (shape, context) = (gradient.shape, gradient.context)
        let saved = probabilities.doubles()
        let dropped = operands.dropout.map { Twins.dropped(saved, $0) } ?? saved
        var (upstream, value) = Twins.attentionContextGradient(
            gradient.doubles(), probabilities: dropped, value: operands.value.doubles(), extents)
        if let dropout = operands.dropout { upstream = Twins.dropped(upstream, dropout) }
        let (query, key) = Twins.attentionProbabilitiesGradient(
            upstream, probabilities: saved, query: operands.query.doubles(), key: operands.key.doubles(), extents)
        slots.value?.add(Tensor(value, shape: shape, in: context))
        slots.query?.add(Tensor(query, shape: shape, in: context))
        slots.key?.add(Tensor(key, shape: shape, in: context))
    }
}
