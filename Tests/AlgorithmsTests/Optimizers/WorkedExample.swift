import Algorithms
import Tensor

/// A decayed 2 × 2 matrix and an excluded bias of 2, two steps of gradients, rate 0.01, clipping at 1 in the TF form.
struct WorkedExample {
    let arena: ParameterArena

    init(_ dtype: DType, threads: Int = 1) {
        arena = ParameterArena(
            entries: [
                ParameterEntry(name: "dense.weight", shape: [2, 2], initializer: .zeros),
                ParameterEntry(name: "dense.bias", shape: [2], initializer: .zeros),
            ], dtype: dtype, extraGradientElements: 3, in: ComputeContext(threads: threads))
        set(arena["dense.weight"], [0.5, -0.3, 0.1, 0.2])
        set(arena["dense.bias"], [0.01, -0.02])
    }

    static let gradients: [(weight: [Double], bias: [Double])] = [
        ([3, -1, 0.5, 2], [0.2, -0.4]), ([-0.1, 0.2, 0.3, -0.2], [0.05, 0.1]),
    ]

    /// Sets the gradients of step 0 or 1 and returns their global norm.
    func setGradients(_ step: Int) -> Double {
        arena.gradients.copy(
            from: arena.gradients.dtype == .float64
                ? Tensor(
                    [Double](repeating: 9, count: arena.gradients.count), shape: arena.gradients.shape, in: context)
                : Tensor([Float](repeating: 9, count: arena.gradients.count), shape: arena.gradients.shape, in: context)
        )
        set(arena["dense.weight"].gradient, Self.gradients[step].weight)
        set(arena["dense.bias"].gradient, Self.gradients[step].bias)
        return GradientNorm(arena).global
    }

    /// Makes both steps; returns the weights and the bias after each.
    func run(_ optimizer: any Optimizer) -> [(weight: [Double], bias: [Double])] {
        (0..<2).map { step in
            let clip = GradientClip(norm: 1, form: .tf)
            let scale = clip.scale(globalNorm: setGradients(step))
            optimizer.step(learningRate: 0.01, gradientScale: scale)
            return (arena["dense.weight"].doubles(), arena["dense.bias"].doubles())
        }
    }

    private var context: ComputeContext { arena.values.context }

    private func set(_ tensor: Tensor?, _ values: [Double]) {
        guard let tensor else { return }
        if tensor.dtype == .float64 {
            tensor.copy(from: Tensor(values, shape: tensor.shape, in: context))
        } else {
            tensor.copy(from: Tensor(values.map { Float($0) }, shape: tensor.shape, in: context))
        }
    }
}

extension DType {
    /// What an optimizer step may be off: the digits of the published numbers, or float32's own.
    var stepTolerance: Double { self == .float64 ? 1e-11 : 1e-6 }
}
