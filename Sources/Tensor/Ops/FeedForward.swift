internal import CKernels

extension Tensor {
    /// `activation(self·innerᵀ + innerBias)·outerᵀ + outerBias`, the feed-forward half of an encoder layer (Vaswani et
    /// al. 2017, equation 2). `inner` is [F, in], `outer` [out, F], the biases [F] and [out].
    ///
    /// Only the preactivation, rows of width F, is kept for the backward pass: the activation is computed again there,
    /// together with its derivative, on each tile of the gradient that reaches it.
    package func feedForward(
        inner: Tensor, innerBias: Tensor, outer: Tensor, outerBias: Tensor, activation: Activation
    ) -> Tensor {
        guard dtype != .float64, Tensor.records(self, inner, innerBias, outer, outerBias) else {
            return linear(weight: inner, bias: innerBias, activation: activation).linear(weight: outer, bias: outerBias)
        }
        checkType("feedForward", operands: [inner, outer], parameters: [innerBias, outerBias])
        require(
            shape.rank > 0 && inner.shape.rank == 2 && inner.shape[1] == shape.width
                && outer.shape == [outer.shape[0], inner.shape[0]] && innerBias.shape == [inner.shape[0]]
                && outerBias.shape == [outer.shape[0]],
            "feedForward: \(shape) does not fit weights \(inner.shape) and \(outer.shape) with biases "
                + "\(innerBias.shape) and \(outerBias.shape)")
        let preactivation = Tensor(uninitialized: shape.replacingWidth(inner.shape[0]), dtype: dtype, in: context)
        let activated = Tensor(uninitialized: preactivation.shape, dtype: dtype, in: context)
        LinearProducts.forward(self, inner, innerBias, activation, preactivation: preactivation, into: activated)
        let output = Tensor(uninitialized: shape.replacingWidth(outer.shape[0]), dtype: dtype, in: context)
        LinearProducts.forward(activated, outer, outerBias, .none, preactivation: output, into: output)

        let input = SavedOperand(self)
        let (innerWeight, outerWeight) = (inner.detached(), outer.detached())
        let innerSlots = Linear.Slots(input: slot, weight: inner.slot, bias: innerBias.slot)
        let (outerSlot, outerBiasSlot) = (outer.slot, outerBias.slot)
        output.record("feedForward", from: [self, inner, innerBias, outer, outerBias]) { gradient in
            let (innerGradient, activated) = FeedForward.backward(
                gradient, preactivation: preactivation, weight: outerWeight, activation)
            if let outerBiasSlot { Reductions.accumulateColumnSums(gradient, into: outerBiasSlot.zeroedTarget()) }
            if let outerSlot { LinearProducts.weightGradient(gradient, activated, into: outerSlot) }
            Linear.backward(innerGradient, input: input, weight: innerWeight, innerSlots)
        }
        return output
    }
}

/// The part of the backward pass that is fused.
enum FeedForward {
    /// The gradient of the preactivation, and the activation, which is written over the preactivation.
    static func backward(
        _ gradient: Tensor, preactivation: Tensor, weight: Tensor, _ activation: Activation
    ) -> (gradient: Tensor, activated: Tensor) {
        let result = Tensor(uninitialized: preactivation.shape, dtype: preactivation.dtype, in: preactivation.context)
        let (type, size, width) = (result.dtype.kernelType, result.dtype.byteSize, preactivation.shape.width)
        let (inner, target) = unsafe (preactivation.address, result.address)
        let kind = activation.kernelKind
        LinearProducts.inputGradient(gradient, weight, into: result, accumulates: false) { rows, columns in
            for row in rows {
                let start = (row * width + columns.lowerBound) * size
                unsafe tk_activation_backward(
                    type, inner + start, target + start, target + start, inner + start, columns.count, kind)
            }
        }
        withExtendedLifetime(preactivation) {}
        return (result, preactivation)
    }
}
