internal import CKernels

/// Element-by-element arithmetic over whole tensors, for both arithmetic types. Shapes have been checked by the caller.
enum Elementwise {
    /// Elements per block of work: large enough to hide the hand-over, small enough to spread over threads. Part of
    /// the definition of no result: these loops have no sums across elements.
    private static let blockLength = 1 << 15

    /// `target += source`, in place.
    static func accumulate(_ source: Tensor, into target: Tensor) {
        guard target.dtype != .float64 else {
            overwrite(target, with: Twins.sum(target.doubles(), source.doubles()))
            return
        }
        let (type, size) = (target.dtype.kernelType, target.dtype.byteSize)
        let (from, to) = unsafe (source.address, target.address)
        target.context.measured(.elementwise) {
            target.context.forEachBlock(of: target.count, length: blockLength) { range in
                let start = range.lowerBound * size
                unsafe tk_accumulate(type, from + start, to + start, range.count)
            }
        }
        withExtendedLifetime((source, target)) {}
    }

    /// Converts between float32 and bfloat16.
    static func convert(_ source: Tensor, into target: Tensor) {
        source.context.measured(.elementwise) {
            source.context.forEachBlock(of: source.count, length: blockLength) { range in
                convert(source, into: target, range)
            }
        }
    }

    /// As `convert`, of a range, on the calling thread.
    static func convert(_ source: Tensor, into target: Tensor, _ range: Range<Int>) {
        let start = range.lowerBound
        if source.dtype == .float32 {
            unsafe tk_bfloat16_from_float(source.floatAddress + start, target.bfloat16Address + start, range.count)
        } else {
            unsafe tk_float_from_bfloat16(source.bfloat16Address + start, target.floatAddress + start, range.count)
        }
        withExtendedLifetime((source, target)) {}
    }

    /// `x + y`, where `y` repeats if it is smaller than `x`.
    static func sum(_ x: Tensor, _ y: Tensor) -> Tensor {
        guard x.dtype == .float32 else {
            return Tensor(Twins.sumOfRows(x.doubles(), repeating: y.doubles()), shape: x.shape, in: x.context)
        }
        let result = Tensor(uninitialized: x.shape, dtype: .float32, in: x.context)
        let (left, right, output) = unsafe (x.floatAddress, y.floatAddress, result.floatAddress)
        if x.count == y.count {
            x.context.forEachBlock(of: x.count, length: blockLength) { range in
                let start = range.lowerBound
                unsafe tk_add(left + start, right + start, output + start, range.count)
            }
        } else {
            let width = y.count
            x.context.forEachBlock(of: width == 0 ? 0 : x.count / width, length: max(1, blockLength / width)) { rows in
                for start in stride(from: rows.lowerBound * width, to: rows.upperBound * width, by: width) {
                    unsafe tk_add(left + start, right, output + start, width)
                }
            }
        }
        withExtendedLifetime((x, y)) {}
        return result
    }

    /// `factor·x`.
    static func scaled(_ x: Tensor, by factor: Double) -> Tensor {
        guard x.dtype == .float32 else {
            return Tensor(x.doubles().map { factor * $0 }, shape: x.shape, in: x.context)
        }
        let result = Tensor(uninitialized: x.shape, dtype: .float32, in: x.context)
        unsafe forEachBlock(x, result) { unsafe tk_scale(Float(factor), $0, $1, $2) }
        return result
    }

    /// Dropout of `x` (of a gradient too: the mask is linear).
    static func dropped(_ x: Tensor, _ dropout: Dropout) -> Tensor {
        guard x.dtype == .float32 else {
            return Tensor(Twins.dropped(x.doubles(), dropout), shape: x.shape, in: x.context)
        }
        let result = Tensor(uninitialized: x.shape, dtype: .float32, in: x.context)
        let (source, target) = unsafe (x.floatAddress, result.floatAddress)
        x.context.forEachBlock(of: x.count, length: blockLength) { range in
            let start = range.lowerBound
            var mask = dropout.kernelMask
            unsafe tk_dropout(source + start, target + start, range.count, UInt64(start), &mask)
        }
        withExtendedLifetime(x) {}
        return result
    }

    /// The activation of every element.
    static func activated(_ x: Tensor, _ activation: Activation) -> Tensor {
        guard x.dtype != .float64 else {
            return Tensor(x.doubles().map { Twins.value(activation, $0) }, shape: x.shape, in: x.context)
        }
        let result = Tensor(uninitialized: x.shape, dtype: x.dtype, in: x.context)
        let (type, size) = (x.dtype.kernelType, x.dtype.byteSize)
        let (source, target) = unsafe (x.address, result.address)
        x.context.measured(.activation) {
            x.context.forEachBlock(of: x.count, length: blockLength) { range in
                let start = range.lowerBound * size
                unsafe tk_bias_activation_forward(
                    type, source + start, nil, target + start, 1, range.count, activation.kernelKind)
            }
        }
        withExtendedLifetime(x) {}
        return result
    }

    /// `gradient·f'(x)`, written over `x` when `inPlace` (the caller owns `x` alone), else into a fresh tensor.
    static func activationGradient(
        _ gradient: Tensor, at x: Tensor, _ activation: Activation, inPlace: Bool
    ) -> Tensor {
        let result = inPlace ? x : Tensor(uninitialized: x.shape, dtype: x.dtype, in: x.context)
        guard x.dtype != .float64 else {
            let slopes = x.doubles().map { Twins.derivative(activation, $0) }
            overwrite(result, with: zip(gradient.doubles(), slopes).map { $0 * $1 })
            return result
        }
        let (type, size) = (x.dtype.kernelType, x.dtype.byteSize)
        let (pre, upstream, target) = unsafe (x.address, gradient.address, result.address)
        x.context.measured(.activation) {
            x.context.forEachBlock(of: x.count, length: blockLength) { range in
                let start = range.lowerBound * size
                unsafe tk_activation_backward(
                    type, pre + start, upstream + start, target + start, nil, range.count, activation.kernelKind)
            }
        }
        withExtendedLifetime((gradient, x)) {}
        return result
    }

    /// Replaces the elements of a float64 tensor.
    static func overwrite(_ target: Tensor, with values: [Double]) {
        target.copy(from: Tensor(values, shape: target.shape, in: target.context))
    }

    /// Runs a float32 kernel over matching blocks of two tensors of the same count.
    private static func forEachBlock(
        _ source: Tensor, _ target: Tensor,
        _ kernel: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        let (from, to) = unsafe (source.floatAddress, target.floatAddress)
        source.context.forEachBlock(of: source.count, length: blockLength) { range in
            unsafe kernel(from + range.lowerBound, to + range.lowerBound, range.count)
        }
        withExtendedLifetime((source, target)) {}
    }
}

extension Activation {
    /// The kernels' name for this function.
    var kernelKind: tk_activation {
        switch self {
        case .none: TK_IDENTITY
        case .gelu: TK_GELU
        case .geluNew: TK_GELU_TANH
        case .relu: TK_RELU
        case .tanh: TK_TANH
        case .swish: TK_SWISH
        }
    }
}
