internal import CKernels

/// The matrix products of a linear map whose operands are float32 or bfloat16. Weights are [out, in].
enum LinearProducts {
    /// `output = activation(preactivation)`, `preactivation = x·weightᵀ + bias`; both may be the same tensor. Each tile
    /// of the product gets its activation while it is in the cache.
    static func forward(
        _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ activation: Activation, preactivation: Tensor,
        into output: Tensor
    ) {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        var product = MatrixProduct(m: x.shape.rows, n: outputs, k: inputs, lda: inputs, ldb: inputs, ldc: outputs)
        product.transposesB = true
        product.operandType = x.dtype
        product.resultType = preactivation.dtype
        product.hasBias = bias != nil
        let (type, size) = (output.dtype.kernelType, output.dtype.byteSize)
        let (inner, target) = unsafe (preactivation.address, output.address)
        let kind = activation.kernelKind
        let finish = { (rows: Range<Int>, columns: Range<Int>) in
            for row in rows {
                let start = (row * outputs + columns.lowerBound) * size
                unsafe tk_bias_activation_forward(type, inner + start, nil, target + start, 1, columns.count, kind)
            }
        }
        x.context.measured(.matmul) {
            unsafe x.context.matmul.multiply(
                product, a: x.address, b: weight.address, bias: bias?.floatAddress, c: inner,
                finish: activation == .none && preactivation === output ? nil : finish)
        }
        withExtendedLifetime((x, weight, bias, preactivation, output)) {}
    }

    /// `target (+)= gradientᵀ·input`, [out, in]; the summed dimension, the rows, is never cut.
    static func weightGradient(_ gradient: Tensor, _ input: Tensor, into slot: GradientSlot) {
        let (outputs, inputs) = (gradient.shape.width, input.shape.width)
        let (target, accumulates) = slot.target()
        var product = MatrixProduct(
            m: outputs, n: inputs, k: gradient.shape.rows, lda: outputs, ldb: inputs, ldc: inputs)
        product.transposesA = true
        product.accumulates = accumulates
        product.operandType = gradient.dtype
        product.resultType = target.dtype
        gradient.context.measured(.matmul) {
            unsafe gradient.context.matmul.multiply(
                product, a: gradient.address, b: input.address, c: target.address)
        }
        withExtendedLifetime((gradient, input, target)) {}
    }

    /// `target (+)= gradient·weight`, rows of width `in`.
    ///
    /// - Parameter finish: called on each tile of the target, by the thread that made it.
    static func inputGradient(
        _ gradient: Tensor, _ weight: Tensor, into target: Tensor, accumulates: Bool,
        finish: ((_ rows: Range<Int>, _ columns: Range<Int>) -> Void)? = nil
    ) {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        var product = MatrixProduct(
            m: gradient.shape.rows, n: inputs, k: outputs, lda: outputs, ldb: inputs, ldc: inputs)
        product.accumulates = accumulates
        product.operandType = gradient.dtype
        product.resultType = target.dtype
        gradient.context.measured(.matmul) {
            unsafe gradient.context.matmul.multiply(
                product, a: gradient.address, b: weight.address, c: target.address, finish: finish)
        }
        withExtendedLifetime((gradient, weight, target)) {}
    }
}
