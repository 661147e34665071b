internal import Glibc

extension Tensor {
    /// A tensor of zeros.
    package convenience init(zeros shape: Shape, dtype: DType = .float32, in context: ComputeContext) {
        self.init(uninitialized: shape, dtype: dtype, in: context)
        fillWithZeros()
    }

    /// A float32 tensor; `values` in row-major order.
    package convenience init(_ values: [Float], shape: Shape, in context: ComputeContext) {
        self.init(copying: values, shape: shape, dtype: .float32, in: context)
    }

    /// A float64 tensor; `values` in row-major order.
    package convenience init(_ values: [Double], shape: Shape, in context: ComputeContext) {
        self.init(copying: values, shape: shape, dtype: .float64, in: context)
    }

    /// An int32 tensor of ids, labels or row numbers; `ids` in row-major order.
    package convenience init(ids: [Int32], shape: Shape, in context: ComputeContext) {
        self.init(copying: ids, shape: shape, dtype: .int32, in: context)
    }

    private convenience init<Element: BitwiseCopyable>(
        copying values: [Element], shape: Shape, dtype: DType, in context: ComputeContext
    ) {
        require(values.count == shape.count, "\(values.count) values do not fill a tensor \(shape)")
        self.init(uninitialized: shape, dtype: dtype, in: context)
        unsafe withUnsafeMutableBytes { bytes in
            unsafe values.withUnsafeBytes { unsafe bytes.copyMemory(from: $0) }
        }
    }

    /// A tensor of `values` with the given arithmetic type.
    package convenience init(_ values: [Double], shape: Shape, dtype: DType, in context: ComputeContext) {
        if dtype == .float64 {
            self.init(values, shape: shape, in: context)
        } else if dtype == .bfloat16 {
            self.init(uninitialized: shape, dtype: dtype, in: context)
            Elementwise.convert(Tensor(values.map { Float($0) }, shape: shape, in: context), into: self)
        } else {
            require(dtype == .float32, "cannot make a tensor of \(dtype) from doubles")
            self.init(values.map { Float($0) }, shape: shape, in: context)
        }
    }

    /// The elements of a float32 tensor.
    package func floats() -> [Float] { copied(as: .float32) }

    /// The elements of a float64 tensor, or those of a float32 or bfloat16 tensor widened.
    package func doubles() -> [Double] {
        switch dtype {
        case .float32: floats().map { Double($0) }
        case .bfloat16: cast(to: .float32).doubles()
        default: copied(as: .float64)
        }
    }

    /// The elements of an int32 tensor.
    package func int32s() -> [Int32] { copied(as: .int32) }

    /// The single element of a float32 or float64 tensor.
    package func item() -> Double {
        require(count == 1, "item: a tensor \(shape) does not have exactly one element")
        return doubles()[0]
    }

    private func copied<Element: BitwiseCopyable>(as expected: DType) -> [Element] {
        require(dtype == expected, "a tensor of \(dtype) was read as \(expected)")
        return unsafe withUnsafeBytes { unsafe Array($0.bindMemory(to: Element.self)) }
    }

    /// Reads the elements of a float32 tensor in place.
    package func withFloats<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
        require(dtype == .float32, "a tensor of \(dtype) was read as float32")
        return try unsafe withUnsafeBytes { try body(unsafe $0.bindMemory(to: Float.self).span) }
    }

    /// Writes the elements of a float32 tensor in place, for all tensors that share its storage.
    package func withMutableFloats<Result>(_ body: (inout MutableSpan<Float>) throws -> Result) rethrows -> Result {
        require(dtype == .float32, "a tensor of \(dtype) was written as float32")
        return try unsafe withUnsafeMutableBytes {
            var span = unsafe $0.bindMemory(to: Float.self).mutableSpan
            return try body(&span)
        }
    }

    /// Reads the elements of an int32 tensor in place.
    package func withInt32s<Result>(_ body: (Span<Int32>) throws -> Result) rethrows -> Result {
        require(dtype == .int32, "a tensor of \(dtype) was read as int32")
        return try unsafe withUnsafeBytes { try body(unsafe $0.bindMemory(to: Int32.self).span) }
    }

    /// The tensor's bytes, native-endian, valid during the call.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(UnsafeRawBufferPointer(start: address, count: count * dtype.byteSize))
    }

    /// The tensor's bytes for writing, for all tensors that share its storage; valid during the call.
    package func withUnsafeMutableBytes<Result>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(UnsafeMutableRawBufferPointer(start: address, count: count * dtype.byteSize))
    }

    /// Sets every element to zero, for all tensors that share the storage.
    package func fillWithZeros() {
        unsafe withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe memset(start, 0, bytes.count)
        }
    }

    /// Adds the elements of `source`, which has the same count and type, to those of this tensor, for all tensors that
    /// share the storage. Not recorded for `backward()`.
    package func accumulate(_ source: Tensor) {
        require(
            count == source.count && dtype == source.dtype,
            "accumulate: cannot add \(source.shape) of \(source.dtype) to \(shape) of \(dtype)")
        Elementwise.accumulate(source, into: self)
    }

    /// Overwrites the elements with those of `source`, which has the same count and type.
    package func copy(from source: Tensor) {
        require(
            count == source.count && dtype == source.dtype,
            "copy: cannot put \(source.shape) of \(source.dtype) into \(shape) of \(dtype)")
        unsafe withUnsafeMutableBytes { target in
            unsafe source.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
        }
    }
}
