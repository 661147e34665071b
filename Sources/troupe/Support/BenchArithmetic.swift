import Algorithms
import Tensor

/// How the benchmarks set up an arithmetic; the only place of theirs that knows what each one needs.
extension RunConfiguration.Precision {
    /// The type of activations and of the gradients of activations.
    var elementType: DType {
        switch self {
        case .fp32: .float32
        case .bf16: .bfloat16
        }
    }

    /// Parameters with values drawn from a fixed seed.
    func makeArena(_ entries: [ParameterEntry], in context: ComputeContext) -> ParameterArena {
        let arena = ParameterArena(entries: entries, computeType: elementType, in: context)
        arena.initialize(seed: 1)
        arena.refreshWeights()
        return arena
    }
}
