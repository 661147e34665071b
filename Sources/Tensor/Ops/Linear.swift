extension Tensor {
    /// `activation(self·weightᵀ + bias)`, fused: rows of width `in` become rows of width `out`. `weight` is [out, in],
    /// `bias` [out].
    package func linear(weight: Tensor, bias: Tensor? = nil, activation: Activation = .none) -> Tensor {
        checkArithmetic("linear", weight, bias)
        require(
            shape.rank > 0 && weight.shape.rank == 2 && weight.shape[1] == shape.width,
            "linear: \(shape) cannot be multiplied by the transpose of \(weight.shape)")
        require(
            bias == nil || bias?.shape == [weight.shape[0]],
            "linear: bias \(bias?.shape ?? []) does not fit weight \(weight.shape)")
        let records = Tensor.records(self, weight, bias)
        let (output, preactivation) = Linear.forward(
            self, weight, bias, activation, keepsPreactivation: records && activation != .none)
        if records {
            let input = weight.requiresGradient ? detached() : nil
            let factor = requiresGradient ? weight.detached() : nil
            let slots = Linear.Slots(input: slot, weight: weight.slot, bias: bias?.slot)
            output.record("linear", from: [self, weight, bias]) { gradient in
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
        _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ activation: Activation, keepsPreactivation: Bool
    ) -> (output: Tensor, preactivation: Tensor?) {
        let shape = x.shape.replacingWidth(weight.shape[0])
        guard x.dtype == .float32 else {
            let product = Twins.product(
                x.doubles(), weight.doubles(), rightTransposed: true, m: x.shape.rows, n: weight.shape[0],
                k: weight.shape[1])
            let inner = bias.map { Twins.sumOfRows(product, repeating: $0.doubles()) } ?? product
            let output = Tensor(inner.map { Twins.value(activation, $0) }, shape: shape, in: x.context)
            return (output, keepsPreactivation ? Tensor(inner, shape: shape, in: x.context) : nil)
        }
        let output = Tensor(uninitialized: shape, dtype: .float32, in: x.context)
        let inner = keepsPreactivation ? Tensor(uninitialized: shape, dtype: .float32, in: x.context) : output
        FloatProducts.linear(x, weight, bias, activation, preactivation: inner, into: output)
        return (output, keepsPreactivation ? inner : nil)
    }

    /// Feeds the slots from the gradient before the activation.
    static func backward(_ gradient: Tensor, input: Tensor?, weight: Tensor?, _ slots: Slots) {
        let (rows, outputs) = (gradient.shape.rows, gradient.shape.width)
        if let slot = slots.weight, let input {
            let inputs = input.shape.width
            if gradient.dtype == .float32 {
                let (target, accumulate) = slot.target()
                FloatProducts.weightGradient(gradient, input, into: target, accumulate: accumulate)
            } else {
                let values = Twins.product(
                    gradient.doubles(), input.doubles(), leftTransposed: true, m: outputs, n: inputs, k: rows)
                slot.add(Tensor(values, shape: [outputs, inputs], in: gradient.context))
            }
        }
        if let slot = slots.bias {
            Reductions.accumulateColumnSums(gradient, into: slot.zeroedTarget())
        }
        if let slot = slots.input, let weight {
            let inputs = weight.shape[1]
            if gradient.dtype == .float32 {
                let (target, accumulate) = slot.target()
                FloatProducts.inputGradient(gradient, weight, into: target, accumulate: accumulate)
            } else {
                let values = Twins.product(gradient.doubles(), weight.doubles(), m: rows, n: inputs, k: outputs)
                slot.add(Tensor(values, shape: gradient.shape.replacingWidth(inputs), in: gradient.context))
            }
        }
    }
}
