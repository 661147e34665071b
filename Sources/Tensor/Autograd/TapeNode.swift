/// One recorded operation: which gradients it feeds, and how.
///
/// The closure captures what the backward pass needs and nothing else; both it and the links are dropped as soon as
/// they have been used, so that activations return to the memory pool while backward proceeds.
final class TapeNode {
    let operation: StaticString
    /// Position in creation order, by which backward runs in reverse. Deterministic: one thread drives a context.
    let sequence: UInt64
    private(set) var inputs: [GradientSlot]
    private var propagate: ((Tensor) -> Void)?

    init(
        _ operation: StaticString, sequence: UInt64, inputs: [GradientSlot], propagate: @escaping (Tensor) -> Void
    ) {
        self.operation = operation
        self.sequence = sequence
        self.inputs = inputs
        self.propagate = propagate
    }

    /// Whether the saved tensors are gone.
    var isFreed: Bool { propagate == nil }

    /// Feeds the gradients of the inputs from that of the output, once.
    func run(_ gradient: Tensor) {
        guard let propagate else {
            fatalError("backward: the tape of \(operation) was freed by an earlier backward")
        }
        self.propagate = nil
        inputs = []
        propagate(gradient)
    }
}

extension Tensor {
    /// Whether an operation over these operands has to be recorded.
    static func records(_ operands: Tensor?...) -> Bool {
        GradientMode.isRecording && operands.contains { $0?.slot != nil }
    }

    /// Makes this fresh tensor the recorded result of an operation over `operands`. `propagate` is called once with
    /// the gradient of this tensor; it must not capture this tensor itself (that would be a cycle), nor write to the
    /// gradient it is given (others may share it).
    ///
    /// - Parameter gradientType: the type in which the gradient is wanted; the tensor's own if nil.
    func record(
        _ operation: StaticString, from operands: [Tensor?], gradientType: DType? = nil,
        propagate: @escaping (Tensor) -> Void
    ) {
        let node = TapeNode(
            operation, sequence: context.nextSequence(), inputs: operands.compactMap { $0?.slot }, propagate: propagate)
        attach(GradientSlot(for: self, dtype: gradientType ?? dtype, producer: node))
    }
}
