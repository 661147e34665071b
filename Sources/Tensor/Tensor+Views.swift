internal import CKernels

extension Tensor {
    /// A view of the same elements with another shape of the same count; gradients flow through it.
    package func reshaped(_ shape: Shape) -> Tensor {
        require(shape.count == count, "reshaped: \(self.shape) does not have the elements of \(shape)")
        let view = alias(shape: shape)
        if Tensor.records(self) {
            let slot = slot
            view.record("reshaped", from: [self]) { slot?.add($0) }
        }
        return view
    }

    /// A view of consecutive rows: indices `rows` of the outermost dimension. Gradients flow through it.
    package func slice(rows: Range<Int>) -> Tensor {
        require(
            shape.rank > 0 && rows.lowerBound >= 0 && rows.upperBound <= shape[0],
            "slice: rows \(rows) leave \(shape)")
        let inner = Shape(Array(shape.dimensions.dropFirst()))
        let view = alias(offset: rows.lowerBound * inner.count, shape: Shape([rows.count] + inner.dimensions))
        if Tensor.records(self) {
            let slot = slot
            view.record("slice", from: [self]) { gradient in
                guard let target = slot?.zeroedTarget() else { return }
                let part = target.alias(offset: rows.lowerBound * inner.count, shape: gradient.shape)
                Elementwise.accumulate(gradient, into: part)
            }
        }
        return view
    }

    /// A view of the elements `range` of the flattened tensor, outside any tape: how buffers are cut into buckets.
    package func flat(_ range: Range<Int>) -> Tensor {
        require(range.lowerBound >= 0 && range.upperBound <= count, "flat: \(range) leaves \(shape)")
        return alias(offset: range.lowerBound, shape: [range.count])
    }

    /// A view of the same elements that no gradient flows through.
    package func detached() -> Tensor { alias(shape: shape) }

    /// A tensor of its own with the same elements, outside any tape.
    package func copied() -> Tensor {
        let copy = Tensor(uninitialized: shape, dtype: dtype, in: context)
        copy.copy(from: self)
        return copy
    }

    /// A copy with the elements converted, outside any tape. Between float32 and bfloat16 (to nearest, ties to even)
    /// and between float64 and the others.
    package func cast(to target: DType) -> Tensor {
        if target == dtype { return copied() }
        let result = Tensor(uninitialized: shape, dtype: target, in: context)
        switch (dtype, target) {
        case (.float32, .bfloat16), (.bfloat16, .float32):
            Elementwise.convert(self, into: result)
        case (.float32, .float64), (.bfloat16, .float64):
            Elementwise.overwrite(result, with: doubles())
        case (.float64, .float32):
            return Tensor(doubles(), shape: shape, dtype: .float32, in: context)
        case (.float64, .bfloat16):
            return cast(to: .float32).cast(to: .bfloat16)
        default:
            fatalError("cast: no conversion from \(dtype) to \(target)")
        }
        return result
    }

    /// The elements converted as by `cast`, with a gradient that is converted back; the tensor itself if it has that
    /// type already.
    package func converted(to target: DType) -> Tensor {
        if target == dtype { return self }
        let result = cast(to: target)
        if Tensor.records(self) {
            let (slot, source) = (slot, dtype)
            result.record("converted", from: [self]) { slot?.add($0.cast(to: source)) }
        }
        return result
    }

    /// A tensor whose elements all are `value`.
    convenience init(repeating value: Double, shape: Shape, dtype: DType, in context: ComputeContext) {
        self.init(uninitialized: shape, dtype: dtype, in: context)
        if dtype == .float32 {
            unsafe tk_fill(Float(value), floatAddress, shape.count)
        } else {
            Elementwise.overwrite(self, with: [Double](repeating: value, count: shape.count))
        }
    }
}

extension Tensor {
    /// First element, for a kernel; the tensor must be kept alive across the use.
    @unsafe var floatAddress: UnsafeMutablePointer<Float> {
        require(dtype == .float32, "a float32 kernel was given \(dtype) \(shape)")
        return unsafe address.assumingMemoryBound(to: Float.self)
    }

    /// First element, for a kernel; the tensor must be kept alive across the use.
    @unsafe var int32Address: UnsafeMutablePointer<Int32> {
        require(dtype == .int32, "an int32 kernel was given \(dtype) \(shape)")
        return unsafe address.assumingMemoryBound(to: Int32.self)
    }

    /// First element, for a kernel; the tensor must be kept alive across the use.
    @unsafe var bfloat16Address: UnsafeMutablePointer<UInt16> {
        require(dtype == .bfloat16, "a bfloat16 kernel was given \(dtype) \(shape)")
        return unsafe address.assumingMemoryBound(to: UInt16.self)
    }
}
