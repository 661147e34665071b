/// Where the gradient with respect to one tensor gathers: the sum over all uses of the tensor.
///
/// A slot does not hold the tensor itself, so a forward value lives only as long as some operation's backward or the
/// caller needs it.
final class GradientSlot {
    let shape: Shape
    /// The type of the gradient. It is narrower than the tensor's where the operation that made the tensor would round
    /// the gradient anyway.
    let dtype: DType
    let context: ComputeContext
    /// The operation that made the tensor; nil for a leaf.
    let producer: TapeNode?
    /// Whether `gradient` is a slice of an arena, which is always accumulated into and never replaced.
    private let isBound: Bool
    private(set) var gradient: Tensor?

    init(for tensor: Tensor, dtype: DType, producer: TapeNode) {
        shape = tensor.shape
        self.dtype = dtype
        context = tensor.context
        self.producer = producer
        isBound = false
    }

    /// A leaf; with `bound`, one whose gradient accumulates into that tensor and has its type.
    init(for leaf: Tensor, bound: Tensor?) {
        shape = leaf.shape
        dtype = bound?.dtype ?? leaf.dtype
        context = leaf.context
        producer = nil
        isBound = bound != nil
        gradient = bound
    }

    /// Adds `contribution`, of the slot's or the tensor's type, to the gradient. The tensor may be kept as the gradient itself, so the caller must not
    /// write to it afterwards.
    func add(_ contribution: Tensor) {
        require(
            contribution.count == shape.count
                && (contribution.dtype == dtype || (contribution.dtype == .float32 && dtype == .bfloat16)),
            "a gradient \(contribution.shape) of \(contribution.dtype) was fed to a tensor \(shape) of \(dtype)")
        let contribution = contribution.dtype == dtype ? contribution : contribution.cast(to: dtype)
        if gradient == nil {
            gradient = contribution.shape == shape ? contribution : contribution.alias(shape: shape)
        } else {
            Elementwise.accumulate(contribution, into: writableGradient())
        }
    }

    /// The tensor into which an operation may accumulate by itself, and whether it must add to what is there (`true`)
    /// or overwrite unspecified content (`false`).
    func target() -> (gradient: Tensor, accumulate: Bool) {
        if gradient != nil { return (writableGradient(), true) }
        let fresh = Tensor(uninitialized: shape, dtype: dtype, in: context)
        gradient = fresh
        return (fresh, false)
    }

    /// As `target`, for operations that can only add.
    func zeroedTarget() -> Tensor {
        let (gradient, accumulate) = target()
        if !accumulate { gradient.fillWithZeros() }
        return gradient
    }

    /// Hands the gradient over, leaving the slot empty.
    func take() -> Tensor? {
        defer { gradient = nil }
        return gradient
    }

    /// The gradient, copied first if somebody else could see it change.
    private func writableGradient() -> Tensor {
        let isSole = isKnownUniquelyReferenced(&gradient)
        guard let current = gradient else { fatalError("an empty gradient slot has nothing to write to") }
        if isBound || (isSole && current.ownsStorageAlone()) { return current }
        let copy = Tensor(uninitialized: shape, dtype: dtype, in: context)
        copy.copy(from: current)
        gradient = copy
        return copy
    }
}
