extension Tensor {
    /// `activation(self·weightᵀ + bias)`, fused: rows of width `in` become rows of width `out`. `weight` is [out, in],
    /// `bias` [out].
    ///
    /// - Parameter resultType: float32 keeps the sums of bfloat16 operands unrounded (for logits); the operands' type
    ///   if nil. Only without activation.
    package func linear(
        weight: Tensor, bias: Tensor? = nil, activation: Activation = .none, resultType: DType? = nil
    ) -> Tensor {
        checkType("linear", operands: [weight], parameters: [bias])
        require(
            shape.rank > 0 && weight.shape.rank == 2 && weight.shape[1] == shape.width,
            "linear: \(shape) cannot be multiplied by the transpose of \(weight.shape)")
        require(
            bias == nil || bias?.shape == [weight.shape[0]],
            "linear: bias \(bias?.shape ?? []) does not fit weight \(weight.shape)")
        let resultType = resultType ?? dtype
        require(
            resultType == dtype || (activation == .none && dtype == .bfloat16 && resultType == .float32),
            "linear: a result of \(resultType) from \(dtype) with activation \(activation.rawValue) is not available")
        let records = Tensor.records(self, weight, bias)
        let (output, preactivation) = Linear.forward(
            self, weight, bias, activation, resultType, keepsPreactivation: records && activation != .none)
        if records {
            let input = weight.requiresGradient ? SavedOperand(self) : nil
            let factor = requiresGradient ? weight.detached() : nil
            let slots = Linear.Slots(input: slot, weight: weight.slot, bias: bias?.slot)
            output.record("linear", from: [self, weight, bias], gradientType: dtype) { gradient in
                // The preactivation belongs to this node alone, so its storage takes the gradient that replaces it.
                let inner =
                    preactivation.map { Elementwise.activationGradient(gradient, at: $0, activation, inPlace: true) }
                    ?? gradient
                Linear.backward(inner, input: input, weight: factor, slots)
            }
        }
        return output
    }
}

/// The two passes of a linear map over rows.
enum Linear {
    /// Where the gradients of the operands go; nil where none is wanted.
    struct Slots {
        let input: GradientSlot?
        let weight: GradientSlot?
        let bias: GradientSlot?
    }

    static func forward(
        _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ activation: Activation, _ resultType: DType,
        keepsPreactivation: Bool
    ) -> (output: Tensor, preactivation: Tensor?) {
        let shape = x.shape.replacingWidth(weight.shape[0])
        guard x.dtype != .float64 else {
            let product = Twins.product(
                x.doubles(), weight.doubles(), rightTransposed: true, m: x.shape.rows, n: weight.shape[0],
                k: weight.shape[1])
            let inner = bias.map { Twins.sumOfRows(product, repeating: $0.doubles()) } ?? product
            let output = Tensor(inner.map { Twins.value(activation, $0) }, shape: shape, in: x.context)
            return (output, keepsPreactivation ? Tensor(inner, shape: shape, in: x.context) : nil)
        }
        let output = Tensor(uninitialized: shape, dtype: resultType, in: x.context)
        let inner = keepsPreactivation ? Tensor(uninitialized: shape, dtype: resultType, in: x.context) : output
        LinearProducts.forward(x, weight, bias, activation, preactivation: inner, into: output)
        return (output, keepsPreactivation ? inner : nil)
    }

    /// Feeds the slots from the gradient before the activation.
    static func backward(_ gradient: Tensor, input: SavedOperand?, weight: Tensor?, _ slots: Slots) {
        if let slot = slots.bias {
            Reductions.accumulateColumnSums(gradient, into: slot.zeroedTarget())
        }
        let (rows, outputs) = (gradient.shape.rows, gradient.shape.width)
        guard gradient.dtype != .float64 else {
            if let slot = slots.weight, let input = input?.value() {
                let inputs = input.shape.width
                let values = Twins.product(
                    gradient.doubles(), input.doubles(), leftTransposed: true, m: outputs, n: inputs, k: rows)
                slot.add(Tensor(values, shape: [outputs, inputs], in: gradient.context))
            }
            if let slot = slots.input, let weight {
                let inputs = weight.shape[1]
                let values = Twins.product(gradient.doubles(), weight.doubles(), m: rows, n: inputs, k: outputs)
                slot.add(Tensor(values, shape: gradient.shape.replacingWidth(inputs), in: gradient.context))
            }
            return
        }
        if let slot = slots.weight, let input { LinearProducts.weightGradient(gradient, input.value(), into: slot) }
        if let slot = slots.input, let weight {
            let (target, accumulates) = slot.target()
            LinearProducts.inputGradient(gradient, weight, into: target, accumulates: accumulates)
        }
    }
}
