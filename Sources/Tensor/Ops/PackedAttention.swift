internal import CKernels

/// Attention in float32 or bfloat16: per (sequence, head), products over strided views of the operands, so nothing is
/// transposed or copied. Each (sequence, head) is computed by one thread from start to end; scores are float32.
struct PackedAttention {
    private let qkv: Tensor
    private let layout: AttentionLayout
    private let dropout: Dropout?

    init(_ qkv: Tensor, _ layout: AttentionLayout, _ dropout: Dropout?) {
        self.qkv = qkv
        self.layout = layout
        self.dropout = dropout
    }

    /// Returns the context, [T, H], and the log-sum-exp of each row of scores, [heads, T].
    func forward() -> (output: Tensor, logSumExp: Tensor) {
        let (context, dtype, tokens) = (qkv.context, qkv.dtype, layout.sequences.tokenCount)
        let output = Tensor(uninitialized: [tokens, layout.resultWidth], dtype: dtype, in: context)
        let logSumExp = Tensor(uninitialized: [layout.heads, tokens], dtype: .float32, in: context)
        let (source, target, sums) = unsafe (qkv.address, output.address, logSumExp.floatAddress)
        let square = layout.sequences.longest * layout.sequences.longest
        let (type, scale) = (dtype.kernelType, Float(layout.scale))
        context.measured(.attention) {
            // Scratch: scores, then the probabilities after dropout.
            unsafe context.forEachItem(of: layout.itemCount, scratchCount: 2 * square) { index, scratch in
                let item = layout.item(index)
                let views = unsafe HeadViews(layout, item, dtype, operands: source, results: target)
                let probabilities = unsafe UnsafeMutableRawPointer(scratch + square)
                unsafe multiply(views.scores(item.length), views.query, views.key, scratch)
                unsafe withKernelMask(dropout) { mask in
                    unsafe tk_softmax_forward(
                        type, scratch, scale, probabilities, sums + item.head * tokens + item.firstRow, item.length,
                        item.length, mask, UInt64(item.firstProbability))
                }
                unsafe multiply(
                    views.overKeys(item.length, rowDistance: layout.resultWidth), probabilities, views.value,
                    views.result)
            }
        }
        withExtendedLifetime((qkv, output, logSumExp)) {}
        return (output, logSumExp)
    }

    /// The probabilities without dropout, float32, one [heads, L, L] per sequence.
    func probabilities() -> [Tensor] {
        let (context, dtype) = (qkv.context, qkv.dtype)
        let lengths = layout.sequences.lengths
        let results = lengths.map {
            Tensor(uninitialized: [layout.heads, $0, $0], dtype: .float32, in: context)
        }
        let (source, scale) = unsafe (qkv.address, Float(layout.scale))
        let targets = unsafe results.map { unsafe $0.floatAddress }
        context.measured(.attention) {
            // Scratch: scores, then the logarithms of the denominators, which nobody wants.
            let (longest, heads) = (layout.sequences.longest, layout.heads)
            unsafe context.forEachItem(of: layout.itemCount, scratchCount: longest * longest + longest) {
                index, scratch in
                let item = layout.item(index)
                let square = item.length * item.length
                let views = unsafe HeadViews(layout, item, dtype, operands: source, results: source)
                unsafe multiply(views.scores(item.length), views.query, views.key, scratch)
                unsafe tk_softmax_forward(
                    TK_FLOAT32, scratch, scale, targets[index / heads] + item.head * square, scratch + square,
                    item.length, item.length, nil, 0)
            }
        }
        withExtendedLifetime((qkv, results)) {}
        return results
    }

    /// The gradient of the operands from that of the result.
    func backward(_ gradient: Tensor, logSumExp: Tensor) -> Tensor {
        let (context, dtype, tokens) = (qkv.context, qkv.dtype, layout.sequences.tokenCount)
        let result = Tensor(uninitialized: qkv.shape, dtype: dtype, in: context)
        let (source, target) = unsafe (qkv.address, result.address)
        let (upstream, sums) = unsafe (gradient.address, logSumExp.floatAddress)
        let square = layout.sequences.longest * layout.sequences.longest
        let (type, scale) = (dtype.kernelType, Float(layout.scale))
        context.measured(.attention) {
            // Scratch: scores, the gradient of probabilities, probabilities after dropout, the gradient of scores.
            unsafe context.forEachItem(of: layout.itemCount, scratchCount: 4 * square) { index, scratch in
                let item = layout.item(index)
                let length = item.length
                let views = unsafe HeadViews(layout, item, dtype, operands: source, results: upstream)
                let targets = unsafe HeadViews(layout, item, dtype, operands: target, results: upstream)
                let probabilityGradient = unsafe scratch + square
                let probabilities = unsafe UnsafeMutableRawPointer(scratch + 2 * square)
                let scoreGradient = unsafe UnsafeMutableRawPointer(scratch + 3 * square)
                unsafe multiply(views.scores(length), views.query, views.key, scratch)
                unsafe multiply(
                    views.scores(length, leftDistance: layout.resultWidth), views.result, views.value,
                    probabilityGradient)
                unsafe withKernelMask(dropout) { mask in
                    unsafe tk_softmax_backward(
                        type, scratch, sums + item.head * tokens + item.firstRow, probabilityGradient, scale,
                        probabilities, scoreGradient, length, length, mask, UInt64(item.firstProbability))
                }
                let (operandWidth, resultWidth) = (layout.operandWidth, layout.resultWidth)
                unsafe multiply(
                    views.overQueries(length, rightDistance: resultWidth, rowDistance: operandWidth), probabilities,
                    views.result, targets.value)
                unsafe multiply(
                    views.overKeys(length, rowDistance: operandWidth), scoreGradient, views.key, targets.query)
                unsafe multiply(
                    views.overQueries(length, rightDistance: operandWidth, rowDistance: operandWidth), scoreGradient,
                    views.query, targets.key)
            }
        }
        withExtendedLifetime((qkv, gradient, logSumExp)) {}
        return result
    }

    private func multiply(
        _ product: MatrixProduct, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer
    ) {
        unsafe qkv.context.matmul.backend.multiply(product, a: a, b: b, bias: nil, c: c)
    }
}

/// The [L, d] matrices of one head in one sequence, and the products between them and dense [L, L] squares.
@safe
private struct HeadViews {
    let query: UnsafeMutableRawPointer
    let key: UnsafeMutableRawPointer
    let value: UnsafeMutableRawPointer
    let result: UnsafeMutableRawPointer
    private let width: Int
    private let operandWidth: Int
    private let dtype: DType

    @unsafe init(
        _ layout: AttentionLayout, _ item: AttentionLayout.Item, _ dtype: DType, operands: UnsafeMutableRawPointer,
        results: UnsafeMutableRawPointer
    ) {
        func part(_ number: Int) -> UnsafeMutableRawPointer {
            let index = layout.operand(part: number, row: item.firstRow, head: item.head, column: 0)
            return unsafe operands + index * dtype.byteSize
        }
        unsafe query = part(0)
        unsafe key = part(1)
        unsafe value = part(2)
        unsafe result =
            results + layout.result(row: item.firstRow, head: item.head, column: 0) * dtype.byteSize
        width = layout.width
        operandWidth = layout.operandWidth
        self.dtype = dtype
    }

    /// `square = left·rightᵀ` in float32: sums over the columns of two views, the right one among the operands.
    func scores(_ length: Int, leftDistance: Int? = nil) -> MatrixProduct {
        var product = MatrixProduct(
            m: length, n: length, k: width, lda: leftDistance ?? operandWidth, ldb: operandWidth, ldc: length)
        product.transposesB = true
        product.operandType = dtype
        return product
    }

    /// `view = square·right`: sums over the square's columns, the keys; the right view is among the operands.
    func overKeys(_ length: Int, rowDistance: Int) -> MatrixProduct {
        var product = MatrixProduct(
            m: length, n: width, k: length, lda: length, ldb: operandWidth, ldc: rowDistance)
        product.operandType = dtype
        product.resultType = dtype
        return product
    }

    /// `view = squareᵀ·right`: sums over the square's rows, the queries.
    func overQueries(_ length: Int, rightDistance: Int, rowDistance: Int) -> MatrixProduct {
        var product = MatrixProduct(
            m: length, n: width, k: length, lda: length, ldb: rightDistance, ldc: rowDistance)
        product.transposesA = true
        product.operandType = dtype
        product.resultType = dtype
        return product
    }
}
