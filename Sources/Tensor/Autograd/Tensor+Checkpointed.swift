extension Tensor {
    /// `body(input)` whose inner activations are not kept: the backward pass runs `body` again, recorded, and goes back
    /// through it (activation checkpointing, Chen et al. 2016). The result and all gradients are the same to the bit, if
    /// `body` is a function of its argument and of parameters alone.
    ///
    /// Parameters that `body` uses must be leaves that require a gradient before the call; their gradients accumulate as
    /// usual. Memory: the input instead of all that `body` would keep; time: one more forward pass.
    package static func checkpointed(_ input: Tensor, _ body: @escaping (Tensor) -> Tensor) -> Tensor {
        guard GradientMode.isRecording else { return body(input) }
        let result = withoutGradient { body(input.detached()) }
        let (slot, kept) = (input.slot, input.detached())
        // Recorded even if the input needs no gradient: parameters inside may.
        result.record("checkpointed", from: [input]) { gradient in
            let leaf = kept.detached()
            leaf.requiresGradient = slot != nil
            let again = GradientMode.$isRecording.withValue(true) { body(leaf) }
            if again.requiresGradient { again.backward(seed: gradient) }
            if let slot, let inner = leaf.gradient { slot.add(inner) }
        }
        return result
    }
}
