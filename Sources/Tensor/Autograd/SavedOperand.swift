/// An operand that a backward pass needs: the tensor itself, or, where another operation's backward pass keeps what it
/// can be made from, the way to make it once more. The tensor's memory is free in between then.
struct SavedOperand {
    private let kept: Tensor?
    private let remake: (() -> Tensor)?

    init(_ tensor: Tensor) {
        remake = tensor.remake
        kept = remake == nil ? tensor.detached() : nil
    }

    /// The operand, outside any tape.
    func value() -> Tensor {
        if let kept { return kept }
        guard let remake else { fatalError("an operand was neither kept nor can it be made again") }
        return remake()
    }
}
