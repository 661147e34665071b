extension Tensor {
    /// Layer normalisation over the innermost dimension, with the biased variance and epsilon inside the root
    /// (Ba et al. 2016). `weight` and `bias` are [width].
    package func layerNorm(weight: Tensor, bias: Tensor, epsilon: Double) -> Tensor {
        normalized("layerNorm", adding: nil, weight: weight, bias: bias, epsilon: epsilon)
    }

    /// `layerNorm(residual + dropout(self))`, fused. `residual` has the shape of `self`.
    package func addLayerNorm(
        residual: Tensor, weight: Tensor, bias: Tensor, epsilon: Double, dropout: Dropout? = nil
    ) -> Tensor {
        require(
            residual.shape == shape, "addLayerNorm: residual \(residual.shape) cannot be added to \(shape)")
        return normalized(
            "addLayerNorm", adding: LayerNorm.Branch(residual: residual, dropout: dropout), weight: weight, bias: bias,
            epsilon: epsilon)
    }

    private func normalized(
        _ operation: StaticString, adding branch: LayerNorm.Branch?, weight: Tensor, bias: Tensor, epsilon: Double
    ) -> Tensor {
        checkType(operation, operands: [branch?.residual], parameters: [weight, bias])
        require(
            shape.rank > 0 && weight.shape == [shape.width] && bias.shape == [shape.width],
            "\(operation): weight \(weight.shape) and bias \(bias.shape) do not fit rows of \(shape)")
        let (output, saved) = LayerNorm.forward(self, adding: branch, weight: weight, bias: bias, epsilon: epsilon)
        let residual = branch?.residual
        if Tensor.records(self, residual, weight, bias) {
            let (slot, residualSlot, biasSlot, dropout) = (slot, residual?.slot, bias.slot, branch?.dropout)
            if dtype != .float64 { output.remake = { LayerNorm.outputAgain(saved, weight: weight, bias: bias) } }
            output.record(operation, from: [self, residual, weight, bias]) { gradient in
                let (sumGradient, branchGradient) = LayerNorm.backward(
                    gradient, saved, weight: weight, bias: biasSlot, epsilon: epsilon, dropout: dropout)
                residualSlot?.add(sumGradient)
                slot?.add(branchGradient)
            }
        }
        return output
    }
}
