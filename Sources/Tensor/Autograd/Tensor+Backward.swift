extension Tensor {
    /// Accumulates (`+=`) the gradient of this result into every leaf that requires one.
    ///
    /// `seed` is the gradient of the objective with respect to this tensor, of its shape; without it the tensor must be
    /// a scalar and the seed is 1. Operations run in the reverse of the order in which they were recorded, so sums over
    /// several uses of a tensor have one fixed order. Each operation's saved tensors are freed once it has run: a tape
    /// serves one backward pass, and a second one traps.
    package func backward(seed: Tensor? = nil) {
        guard let slot else { fatalError("backward: no operand of this result requires a gradient") }
        if let producer = slot.producer {
            require(
                !producer.isFreed, "backward: the tape of \(producer.operation) was freed by an earlier backward")
        }
        slot.add(seed.map { checked(seed: $0) } ?? unitSeed())
        var pending = Self.recordedSlots(from: slot)
        while let next = pending.popLast() {
            guard let producer = next.producer, let gradient = next.take() else { continue }
            producer.run(gradient)
        }
    }

    private func checked(seed: Tensor) -> Tensor {
        require(
            seed.shape == shape && seed.dtype == dtype,
            "backward: a seed \(seed.shape) of \(seed.dtype) does not fit a result \(shape) of \(dtype)")
        return seed
    }

    private func unitSeed() -> Tensor {
        require(count == 1, "backward: a result \(shape) needs a seed, only a scalar can do without")
        return Tensor([1.0], shape: shape, dtype: dtype, in: context)
    }

    /// The results of all recorded operations that `root` depends on, itself included, in creation order.
    private static func recordedSlots(from root: GradientSlot) -> [GradientSlot] {
        var found: [(sequence: UInt64, slot: GradientSlot)] = []
        var seen: Set<ObjectIdentifier> = []
        var open = [root]
        while let slot = open.popLast() {
            guard let producer = slot.producer, seen.insert(ObjectIdentifier(slot)).inserted else { continue }
            found.append((producer.sequence, slot))
            open.append(contentsOf: producer.inputs)
        }
        return found.sorted { $0.sequence < $1.sequence }.map(\.slot)
    }
}
