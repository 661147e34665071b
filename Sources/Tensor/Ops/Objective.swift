extension Tensor {
    /// A scalar that `body` computes from the elements, in row-major order, together with its derivative by each of them.
    ///
    /// For objectives over few numbers, which gain nothing from a kernel: the arithmetic is float64 whatever the type of
    /// the tensor, float32 or float64, which the result has too.
    package func objective(_ body: ([Double]) -> (value: Double, gradient: [Double])) -> Tensor {
        checkArithmetic("objective")
        let (value, gradient) = body(doubles())
        require(gradient.count == count, "objective: \(gradient.count) derivatives by the elements of \(shape)")
        let result = Tensor([value], shape: .scalar, dtype: dtype, in: context)
        if Tensor.records(self) {
            let (slot, shape, dtype) = (slot, shape, dtype)
            result.record("objective", from: [self]) { seed in
                let scale = seed.item()
                slot?.add(Tensor(gradient.map { scale * $0 }, shape: shape, dtype: dtype, in: seed.context))
            }
        }
        return result
    }
}
