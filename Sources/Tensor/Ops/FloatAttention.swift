internal import CKernels

/// Attention in float32: per (sequence, head), products over strided views of [B, S, H] operands, so nothing is
/// transposed or copied. Each (sequence, head) is computed by one thread from start to end.
enum FloatAttention {
    static func forward(
        _ operands: Attention.Operands, mask: Tensor?, _ extents: AttentionExtents, keepsProbabilities: Bool
    ) -> (output: Tensor, probabilities: Tensor?) {
        let (sequence, context) = (extents.sequence, operands.query.context)
        let square = sequence * sequence
        let output = Tensor(uninitialized: operands.query.shape, dtype: .float32, in: context)
        let kept =
            keepsProbabilities ? Tensor(uninitialized: extents.probabilityShape, dtype: .float32, in: context) : nil
        let (query, key) = unsafe (operands.query.floatAddress, operands.key.floatAddress)
        let (value, target) = unsafe (operands.value.floatAddress, output.floatAddress)
        let (keptStart, adder) = unsafe (kept?.floatAddress, mask?.floatAddress)
        let products = HeadProducts(context.matmul.backend, extents)
        let (scale, dropout) = (extents.scale, operands.activeDropout)
        // Scratch: the probabilities when they are not kept, then those after dropout when anything is dropped.
        unsafe context.forEachItem(of: extents.batch * extents.heads, scratchCount: 2 * square) { item, scratch in
            let start = products.start(of: item)
            let probabilities = unsafe keptStart.map { unsafe $0 + item * square } ?? scratch
            unsafe products.overColumns(query + start, key + start, into: probabilities)
            let dropped = unsafe dropout == nil ? nil : scratch + square
            let rowMask = unsafe adder.map { unsafe $0 + item / extents.heads * sequence }
            unsafe withKernelMask(dropout) { mask in
                unsafe tk_softmax_forward(
                    probabilities, rowMask, scale, probabilities, dropped, sequence, sequence, mask,
                    UInt64(item * square))
            }
            unsafe products.overKeys(dropped ?? probabilities, value + start, into: target + start)
        }
        withExtendedLifetime((operands, mask, kept, output)) {}
        return (output, kept)
    }

    static func backward(
        _ gradient: Tensor, _ operands: Attention.Operands, probabilities: Tensor, _ extents: AttentionExtents,
        _ slots: Attention.Slots
    ) {
        let (sequence, context) = (extents.sequence, gradient.context)
        let square = sequence * sequence
        let targets = Targets(slots, shape: gradient.shape, in: context)
        let (query, key) = unsafe (operands.query.floatAddress, operands.key.floatAddress)
        let (value, upstream) = unsafe (operands.value.floatAddress, gradient.floatAddress)
        let saved = unsafe probabilities.floatAddress
        let (queryTarget, keyTarget) = unsafe (targets.query?.floatAddress, targets.key?.floatAddress)
        let valueTarget = unsafe targets.value?.floatAddress
        let needsScores = targets.query != nil || targets.key != nil
        let products = HeadProducts(context.matmul.backend, extents)
        let (scale, dropout) = (extents.scale, operands.activeDropout)
        // Scratch: the gradient of probabilities and then scores, then the probabilities after dropout.
        unsafe context.forEachItem(of: extents.batch * extents.heads, scratchCount: 2 * square) { item, scratch in
            let start = products.start(of: item)
            let own = unsafe saved + item * square
            unsafe withKernelMask(dropout) { mask in
                let first = UInt64(item * square)
                if let valueTarget = unsafe valueTarget {
                    if let mask = unsafe mask {
                        unsafe tk_dropout(own, scratch + square, square, first, mask)
                    }
                    let used = unsafe mask == nil ? own : scratch + square
                    unsafe products.overQueries(used, upstream + start, into: valueTarget + start)
                }
                if !needsScores { return }
                unsafe products.overColumns(upstream + start, value + start, into: scratch)
                unsafe tk_softmax_backward(own, scratch, scale, scratch, sequence, sequence, mask, first)
            }
            if let queryTarget = unsafe queryTarget {
                unsafe products.overKeys(scratch, key + start, into: queryTarget + start)
            }
            if let keyTarget = unsafe keyTarget {
                unsafe products.overQueries(scratch, query + start, into: keyTarget + start)
            }
        }
        withExtendedLifetime((gradient, operands, probabilities)) {}
        targets.deliver(to: slots)
    }

    /// Fresh gradients of the operands that need one.
    private struct Targets {
        let query: Tensor?
        let key: Tensor?
        let value: Tensor?

        init(_ slots: Attention.Slots, shape: Shape, in context: ComputeContext) {
            func fresh(_ slot: GradientSlot?) -> Tensor? {
                slot.map { _ in Tensor(uninitialized: shape, dtype: .float32, in: context) }
            }
            query = fresh(slots.query)
            key = fresh(slots.key)
            value = fresh(slots.value)
        }

        func deliver(to slots: Attention.Slots) {
            if let query { slots.query?.add(query) }
            if let key { slots.key?.add(key) }
            if let value { slots.value?.add(value) }
        }
    }
}

/// The products of one head: between [S, d] views of [B, S, heads·d] operands and dense [S, S] squares.
@safe
private struct HeadProducts {
    private let backend: any MatmulBackend
    private let extents: AttentionExtents
    private let rowStride: Int

    init(_ backend: any MatmulBackend, _ extents: AttentionExtents) {
        self.backend = backend
        self.extents = extents
        rowStride = extents.heads * extents.width
    }

    /// Offset of the view of item `sequence·heads + head`.
    func start(of item: Int) -> Int {
        extents.index(item / extents.heads, 0, item % extents.heads, 0)
    }

    /// `square = left·rightᵀ`: sums over the columns of two views.
    @unsafe func overColumns(
        _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into square: UnsafeMutablePointer<Float>
    ) {
        unsafe backend.gemm(
            m: extents.sequence, n: extents.sequence, k: extents.width, alpha: 1, a: left, lda: rowStride,
            transposeA: false, b: right, ldb: rowStride, transposeB: true, c: square, ldc: extents.sequence,
            accumulate: false)
    }

    /// `view = square·right`: sums over the square's columns, the keys.
    @unsafe func overKeys(
        _ square: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into view: UnsafeMutablePointer<Float>
    ) {
        unsafe backend.gemm(
            m: extents.sequence, n: extents.width, k: extents.sequence, alpha: 1, a: square, lda: extents.sequence,
            transposeA: false, b: right, ldb: rowStride, transposeB: false, c: view, ldc: rowStride, accumulate: false)
    }

    /// `view = squareᵀ·right`: sums over the square's rows, the queries.
    @unsafe func overQueries(
        _ square: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into view: UnsafeMutablePointer<Float>
    ) {
        unsafe backend.gemm(
            m: extents.sequence, n: extents.width, k: extents.sequence, alpha: 1, a: square, lda: extents.sequence,
            transposeA: true, b: right, ldb: rowStride, transposeB: false, c: view, ldc: rowStride, accumulate: false)
    }
}

extension AttentionExtents {
    /// 1/√d.
    fileprivate var scale: Float { Float(1 / Double(width).squareRoot()) }
}

extension Attention.Operands {
    /// The dropout, unless it drops nothing.
    fileprivate var activeDropout: Dropout? { dropout.flatMap { $0.rate > 0 ? $0 : nil } }
}
