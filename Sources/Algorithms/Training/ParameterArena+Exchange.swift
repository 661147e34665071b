import Tensor

extension ParameterArena {
    /// Sums the gradients over the ranks together with a few numbers that travel behind them, and reads those.
    func exchange<Sums>(
        tail: [Float], _ exchange: any GradientExchange, step: Int, _ read: (Span<Float>) -> Sums
    ) throws -> Sums {
        gradients.withMutableFloats { flat in
            for (index, value) in tail.enumerated() { flat[extraRange.lowerBound + index] = value }
        }
        try unsafe gradients.withUnsafeMutableBytes {
            try unsafe exchange.sum($0.bindMemory(to: Float.self), step: step)
        }
        return gradients.withFloats { read($0.extracting(extraRange)) }
    }
}
