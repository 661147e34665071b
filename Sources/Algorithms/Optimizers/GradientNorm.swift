import Glibc
package import Tensor

/// The norm of an arena's gradients.
package struct GradientNorm {
    private let arena: ParameterArena
    private let plan: UpdatePlan

    /// The norms of the gradients of `arena`, whatever they are when asked for.
    package init(_ arena: ParameterArena) {
        self.arena = arena
        plan = UpdatePlan(arena, rule: DecayRule(excluding: []))
    }

    /// The Euclidean norm of all gradients together; a parameter used in several places counts once, with its summed
    /// gradient. Squares are added in double precision in an order that depends on the arena alone.
    package var global: Double { sqrt(squares().reduce(0, +)) }

    /// The norm of each parameter's gradient, in the arena's order.
    package var parameters: [Double] { squares().map(sqrt) }

    /// The sum of the squares of each parameter's gradient.
    private func squares() -> [Double] {
        let plan = plan
        let gradients = arena.gradients
        var partial = [Double](repeating: 0, count: plan.blocks.count)
        unsafe partial.withUnsafeMutableBufferPointer { partial in
            let partial = unsafe partial
            gradients.context.pool.run(blocks: plan.blocks.count) { block in
                unsafe partial[block] = OptimizerKernels.sumOfSquares(gradients, plan.blocks[block].range)
            }
        }
        var squares = [Double](repeating: 0, count: arena.entries.count)
        for (block, sum) in zip(plan.blocks, partial) { squares[block.entry] += sum }
        return squares
    }
}

/// How gradients that are too long are shortened.
package struct GradientClip: Sendable, Equatable {
    /// The largest norm let through; nil lets every norm through.
    package let norm: Double?
    /// How the factor is computed.
    package let form: GradientClipSection.Form

    /// A limit on the global norm.
    package init(norm: Double?, form: GradientClipSection.Form) {
        self.norm = norm
        self.form = form
    }

    /// As a run file says.
    package init(_ section: GradientClipSection) { self.init(norm: section.norm, form: section.form) }

    /// The factor for gradients whose global norm is `globalNorm`: c/max(n, c), or min(1, c/(n + 1e-6)) in torch's
    /// form.
    package func scale(globalNorm: Double) -> Double {
        guard let norm else { return 1 }
        return switch form {
        case .tf: norm / max(globalNorm, norm)
        case .torch: min(1, norm / (globalNorm + 1e-6))
        }
    }
}
