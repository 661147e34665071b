import Glibc
package import Tensor

/// The global norm of gradients, and clipping by it.
package enum GradientNorm {
    private static let blockLength = 1 << 14

    /// The Euclidean norm of all gradients of `arena` together; a parameter used in several places counts once, with
    /// its summed gradient. Squares are added in double precision in an order that depends on the arena alone.
    package static func global(_ arena: ParameterArena) -> Double { norms(arena).global }

    /// The norm of each parameter's gradient, in the arena's order, and of all together.
    package static func norms(_ arena: ParameterArena) -> (parameters: [Double], global: Double) {
        let plan = UpdatePlan(arena, rule: DecayRule(excluding: []))
        var partial = [Double](repeating: 0, count: plan.blocks.count)
        unsafe partial.withUnsafeMutableBufferPointer { partial in
            let partial = unsafe partial
            arena.gradients.context.pool.run(blocks: plan.blocks.count) { block in
                unsafe partial[block] = OptimizerKernels.sumOfSquares(arena.gradients, plan.blocks[block].range)
            }
        }
        var squares = [Double](repeating: 0, count: arena.entries.count)
        for (block, sum) in zip(plan.blocks, partial) { squares[block.entry] += sum }
        return (squares.map(sqrt), sqrt(squares.reduce(0, +)))
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
