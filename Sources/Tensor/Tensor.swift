/// A contiguous row-major array of numbers and, when it takes part in differentiation, its place on the tape.
///
/// A tensor is a handle: `reshaped`, `slice` and the parameters of a `ParameterArena` share their storage with others.
/// Rules of aliasing:
/// - operations never write to their operands; each returns a fresh tensor or a view (views are named in their docs);
/// - whoever writes through `withMutableFloats` and the like writes for all tensors that share the storage, and must
///   not do so between a recorded forward pass and its `backward()`, which reads what the forward pass saw;
/// - the gradient of an arena parameter is a live view of the arena's gradient buffer; any other gradient is a
///   snapshot: further accumulation leaves a tensor that somebody holds unchanged.
///
/// Not Sendable: a tensor belongs to the thread that drives its context.
package final class Tensor {
    package let shape: Shape
    package let dtype: DType
    package let context: ComputeContext
    /// Index of the first element in the storage.
    package let offset: Int
    /// `var` so that unique ownership can be asked of it; never replaced.
    private var storage: TensorStorage
    /// Where gradients with respect to this tensor gather; nil when none are wanted.
    private(set) var slot: GradientSlot?
    /// Makes this result once more, the same bits, from what its operation keeps anyway; nil where that is not possible.
    var remake: (() -> Tensor)?
    /// The slice of an arena's gradient buffer that belongs to this parameter.
    private let boundGradient: Tensor?

    /// A view of `storage` from element `offset` on. `boundGradient` makes the tensor a parameter whose gradient
    /// accumulates there.
    init(
        _ storage: TensorStorage, offset: Int, shape: Shape, dtype: DType, in context: ComputeContext,
        boundGradient: Tensor? = nil
    ) {
        require(
            offset >= 0 && (offset + shape.count) * dtype.byteSize <= storage.byteCount,
            "a tensor \(shape) of \(dtype) at element \(offset) leaves its storage of \(storage.byteCount) bytes")
        self.shape = shape
        self.dtype = dtype
        self.context = context
        self.offset = offset
        self.storage = storage
        self.boundGradient = boundGradient
        if let boundGradient {
            require(
                boundGradient.shape == shape && boundGradient.dtype == dtype.parameterType,
                "a parameter \(shape) of \(dtype) cannot have a gradient \(boundGradient.shape) of \(boundGradient.dtype)"
            )
            slot = GradientSlot(for: self, bound: boundGradient)
        }
    }

    /// A tensor with unspecified content, from the context's memory pool.
    convenience init(uninitialized shape: Shape, dtype: DType, in context: ComputeContext) {
        let storage = TensorStorage(byteCount: shape.count * dtype.byteSize, pool: context.memory)
        self.init(storage, offset: 0, shape: shape, dtype: dtype, in: context)
    }

    /// A view of the same storage with another shape of the same count, outside any tape.
    func alias(offset: Int = 0, shape: Shape) -> Tensor {
        Tensor(storage, offset: self.offset + offset, shape: shape, dtype: dtype, in: context)
    }

    /// The start of the same storage as elements of another, not wider type, outside any tape.
    func reinterpreted(as dtype: DType) -> Tensor {
        Tensor(
            storage, offset: offset * self.dtype.byteSize / dtype.byteSize, shape: shape, dtype: dtype, in: context)
    }

    /// As `alias`, as a parameter whose gradient accumulates into `boundGradient`.
    func parameterView(offset: Int, shape: Shape, boundGradient: Tensor) -> Tensor {
        Tensor(
            storage, offset: self.offset + offset, shape: shape, dtype: dtype, in: context, boundGradient: boundGradient
        )
    }

    /// Number of elements.
    package var count: Int { shape.count }

    /// Whether `backward()` is to compute gradients with respect to this tensor. Only leaves may be switched: freezing
    /// a parameter saves its gradient's work in every tape recorded afterwards.
    package var requiresGradient: Bool {
        get { slot != nil }
        set {
            require(slot?.producer == nil, "requiresGradient can be set on leaves only, not on results")
            guard newValue != (slot != nil) else { return }
            require(!newValue || dtype.isArithmetic, "a tensor of \(dtype) cannot have a gradient")
            slot = newValue ? GradientSlot(for: self, bound: boundGradient) : nil
        }
    }

    /// The accumulated gradient of a leaf; nil before the first `backward()` unless the leaf belongs to an arena.
    package var gradient: Tensor? { slot?.producer == nil ? slot?.gradient ?? boundGradient : nil }

    /// Makes this tensor the result of a recorded operation.
    func attach(_ slot: GradientSlot) {
        require(self.slot == nil, "a tensor can be the result of one operation only")
        self.slot = slot
    }

    /// Whether no other tensor shares the storage, so that it may be overwritten by whoever owns this handle alone.
    func ownsStorageAlone() -> Bool { isKnownUniquelyReferenced(&storage) }

    /// Address of the first element. Valid while the tensor lives: wrap the use in `withExtendedLifetime`.
    @unsafe package var address: UnsafeMutableRawPointer { unsafe storage.address + offset * dtype.byteSize }
}
