internal import CKernels

/// The float32 matrix products of a linear map.
enum FloatProducts {
    /// `output = activation(preactivation)`, `preactivation = x·weightᵀ + bias`; both may be the same tensor. Each tile
    /// of the product gets its bias and activation while it is in the cache.
    static func linear(
        _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ activation: Activation, preactivation: Tensor,
        into output: Tensor
    ) {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        let (source, factor) = unsafe (x.floatAddress, weight.floatAddress)
        let (inner, target) = unsafe (preactivation.floatAddress, output.floatAddress)
        let shift = unsafe bias?.floatAddress
        let backend = x.context.matmul.backend
        let isProductOnly = bias == nil && activation == .none
        let kind = activation.kernelKind
        let tiles = MatmulTiles(m: x.shape.rows, n: outputs)
        x.context.pool.run(blocks: tiles.count) { tile in
            let (rows, columns) = tiles[tile]
            let first = rows.lowerBound * outputs + columns.lowerBound
            unsafe backend.gemm(
                m: rows.count, n: columns.count, k: inputs, alpha: 1, a: source + rows.lowerBound * inputs, lda: inputs,
                transposeA: false, b: factor + columns.lowerBound * inputs, ldb: inputs, transposeB: true,
                c: inner + first, ldc: outputs, accumulate: false)
            if isProductOnly { return }
            let tileShift = unsafe shift.map { unsafe $0 + columns.lowerBound }
            for start in stride(from: first, to: first + rows.count * outputs, by: outputs) {
                unsafe tk_bias_activation_forward(inner + start, tileShift, target + start, 1, columns.count, kind)
            }
        }
        withExtendedLifetime((x, weight, bias, preactivation, output)) {}
    }

    /// `target (+)= gradientᵀ·input`, [out, in]; the summed dimension, the rows, is never cut.
    static func weightGradient(_ gradient: Tensor, _ input: Tensor, into target: Tensor, accumulate: Bool) {
        let (outputs, inputs) = (gradient.shape.width, input.shape.width)
        unsafe gradient.context.matmul.product(
            m: outputs, n: inputs, k: gradient.shape.rows, a: gradient.floatAddress, lda: outputs, transposeA: true,
            b: input.floatAddress, ldb: inputs, c: target.floatAddress, ldc: inputs, accumulate: accumulate)
        withExtendedLifetime((gradient, input, target)) {}
    }

    /// `target (+)= gradient·weight`, rows of width `in`.
    static func inputGradient(_ gradient: Tensor, _ weight: Tensor, into target: Tensor, accumulate: Bool) {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        unsafe gradient.context.matmul.product(
            m: gradient.shape.rows, n: inputs, k: outputs, a: gradient.floatAddress, lda: outputs,
            b: weight.floatAddress, ldb: inputs, c: target.floatAddress, ldc: inputs, accumulate: accumulate)
        withExtendedLifetime((gradient, weight, target)) {}
    }
}
