import Tensor
import Text

extension Tensor {
    /// A tensor of `dtype` with numbers uniform in [-1, 1), a pure function of shape and `seed`.
    static func uniform(_ shape: Shape, _ dtype: DType = .float32, seed: UInt64, in context: ComputeContext) -> Tensor {
        var generator = SplitMix64(seed: seed)
        let values = (0..<shape.count).map { _ in Float(2 * generator.unit() - 1) }
        let tensor = Tensor(values, shape: shape, in: context)
        return dtype == .float32 ? tensor : tensor.cast(to: dtype)
    }

    /// Ids uniform below `limit`, a pure function of shape and `seed`.
    static func uniformIDs(_ shape: Shape, below limit: Int, seed: UInt64, in context: ComputeContext) -> Tensor {
        var generator = SplitMix64(seed: seed)
        return Tensor(ids: (0..<shape.count).map { _ in Int32(generator.below(limit)) }, shape: shape, in: context)
    }

    /// The same elements as a leaf that wants a gradient of its own.
    func asLeaf() -> Tensor {
        let leaf = detached()
        leaf.requiresGradient = true
        return leaf
    }
}
