internal import CKernels

/// Layer normalisation, alone and fused with the residual sum and dropout before it.
enum LayerNorm {
    /// What the backward pass needs besides the operands: the normalised input itself and two numbers per row.
    struct Saved {
        let input: Tensor
        let mean: Tensor
        let inverseDeviation: Tensor
    }

    /// The residual branch of the fused form.
    struct Branch {
        let residual: Tensor
        let dropout: Dropout?
    }

    /// Rows per block of the forward pass, whose rows do not depend on each other.
    private static let forwardBlock = 64

    static func forward(
        _ x: Tensor, adding branch: Branch?, weight: Tensor, bias: Tensor, epsilon: Double
    ) -> (output: Tensor, saved: Saved) {
        guard x.dtype != .float64 else {
            let input = branch.map { sumWithBranch(x, $0) } ?? x
            let values = Twins.layerNorm(
                input.doubles(), weight: weight.doubles(), bias: bias.doubles(), epsilon: epsilon)
            return (
                Tensor(values, shape: x.shape, in: x.context), Saved(input: input, mean: input, inverseDeviation: input)
            )
        }
        let context = x.context
        let (rows, width) = (x.shape.rows, x.shape.width)
        let (type, size) = (x.dtype.kernelType, x.dtype.byteSize)
        let output = Tensor(uninitialized: x.shape, dtype: x.dtype, in: context)
        let input = branch == nil ? x : Tensor(uninitialized: x.shape, dtype: x.dtype, in: context)
        let mean = Tensor(uninitialized: [rows], dtype: .float32, in: context)
        let inverse = Tensor(uninitialized: [rows], dtype: .float32, in: context)
        let (source, sum, target) = unsafe (x.address, input.address, output.address)
        let (scale, shift) = unsafe (weight.floatAddress, bias.floatAddress)
        let (means, inverses) = unsafe (mean.floatAddress, inverse.floatAddress)
        let residual = unsafe branch?.residual.address
        let dropout = branch?.dropout
        context.measured(.normalization) {
            context.forEachBlock(of: rows, length: forwardBlock) { range in
                let (row, first) = (range.lowerBound, range.lowerBound * width)
                let start = first * size
                if let residual = unsafe residual {
                    unsafe withKernelMask(dropout) { mask in
                        unsafe tk_add_layer_norm_forward(
                            type, source + start, residual + start, scale, shift, epsilon, sum + start, target + start,
                            means + row, inverses + row, range.count, width, mask, UInt64(first))
                    }
                } else {
                    unsafe tk_layer_norm_forward(
                        type, source + start, scale, shift, epsilon, target + start, means + row, inverses + row,
                        range.count, width)
                }
            }
        }
        withExtendedLifetime((x, weight, bias, branch, input, output)) {}
        return (output, Saved(input: input, mean: mean, inverseDeviation: inverse))
    }

    /// The output of the forward pass once more: one pass over memory, instead of keeping it for whoever reads it.
    static func outputAgain(_ saved: Saved, weight: Tensor, bias: Tensor) -> Tensor {
        let (input, context) = (saved.input, saved.input.context)
        let (rows, width, size) = (input.shape.rows, input.shape.width, input.dtype.byteSize)
        let output = Tensor(uninitialized: input.shape, dtype: input.dtype, in: context)
        let (type, source, target) = unsafe (input.dtype.kernelType, input.address, output.address)
        let (means, inverses) = unsafe (saved.mean.floatAddress, saved.inverseDeviation.floatAddress)
        let (scale, shift) = unsafe (weight.floatAddress, bias.floatAddress)
        context.measured(.normalization) {
            context.forEachBlock(of: rows, length: forwardBlock) { range in
                let (row, start) = (range.lowerBound, range.lowerBound * width * size)
                unsafe tk_layer_norm_again(
                    type, source + start, means + row, inverses + row, scale, shift, target + start, range.count, width)
            }
        }
        withExtendedLifetime((saved.input, saved.mean, saved.inverseDeviation, weight, bias)) {}
        return output
    }

    /// Accumulates the gradients of weight and bias into their slots; returns those of the normalised input and, for
    /// the fused form with dropout, of the branch before dropout (else the same tensor twice).
    static func backward(
        _ gradient: Tensor, _ saved: Saved, weight: Tensor, bias: GradientSlot?, epsilon: Double, dropout: Dropout?
    ) -> (input: Tensor, branch: Tensor) {
        guard gradient.dtype != .float64 else {
            let twin = Twins.layerNormGradient(
                gradient.doubles(), x: saved.input.doubles(), weight: weight.doubles(), epsilon: epsilon)
            weight.slot?.add(Tensor(twin.weight, shape: weight.shape, in: weight.context))
            bias?.add(Tensor(twin.bias, shape: weight.shape, in: weight.context))
            let input = Tensor(twin.x, shape: gradient.shape, in: gradient.context)
            return (input, dropout.map { Elementwise.dropped(input, $0) } ?? input)
        }
        let context = gradient.context
        let width = gradient.shape.width
        let (type, size) = (gradient.dtype.kernelType, gradient.dtype.byteSize)
        let inputGradient = Tensor(uninitialized: gradient.shape, dtype: gradient.dtype, in: context)
        let branchGradient =
            dropout == nil ? inputGradient : Tensor(uninitialized: gradient.shape, dtype: gradient.dtype, in: context)
        // The kernel always forms both sums; those that nobody wants go to scratch.
        let weightTarget = weight.slot?.zeroedTarget() ?? Tensor(zeros: weight.shape, in: context)
        let biasTarget = bias?.zeroedTarget() ?? Tensor(zeros: weight.shape, in: context)
        let (upstream, input, scale) = unsafe (gradient.address, saved.input.address, weight.floatAddress)
        let (means, inverses) = unsafe (saved.mean.floatAddress, saved.inverseDeviation.floatAddress)
        let (target, branchTarget) = unsafe (inputGradient.address, branchGradient.address)
        context.measured(.normalization) {
            unsafe Reductions.accumulateByRowBlocks(rows: gradient.shape.rows, into: [weightTarget, biasTarget]) {
                range, partials in
                let (row, first) = (range.lowerBound, range.lowerBound * width)
                let start = first * size
                unsafe withKernelMask(dropout) { mask in
                    unsafe tk_add_layer_norm_backward(
                        type, upstream + start, input + start, means + row, inverses + row, scale, target + start,
                        branchTarget + start, partials[0], partials[1], range.count, width, mask, UInt64(first))
                }
            }
        }
        withExtendedLifetime((gradient, saved.input, saved.mean, saved.inverseDeviation, weight)) {}
        return (inputGradient, branchGradient)
    }

    private static func sumWithBranch(_ x: Tensor, _ branch: Branch) -> Tensor {
        Elementwise.sum(branch.residual, branch.dropout.map { Elementwise.dropped(x, $0) } ?? x)
    }
}

/// Calls `body` with the kernel's form of a mask, or with nil when nothing is dropped.
func withKernelMask<Result>(_ dropout: Dropout?, _ body: (UnsafePointer<tk_mask>?) -> Result) -> Result {
    guard let dropout, dropout.rate > 0 else { return body(nil) }
    var mask = dropout.kernelMask
    return unsafe withUnsafePointer(to: &mask, body)
}
