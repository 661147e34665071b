extension Tensor {
    /// `self + y`. `y` has the shape of `self` or of its innermost dimensions, over whose outer ones it repeats.
    package func add(_ y: Tensor) -> Tensor {
        checkArithmetic("add", y)
        require(
            shape.dimensions.suffix(y.shape.rank) == y.shape.dimensions[...],
            "add: \(y.shape) neither equals \(shape) nor ends it")
        let result = Elementwise.sum(self, y)
        if Tensor.records(self, y) {
            let (left, right, width) = (slot, y.slot, y.count)
            result.record("add", from: [self, y]) { gradient in
                left?.add(gradient)
                guard let right else { return }
                if gradient.count == width {
                    right.add(gradient)
                } else {
                    Reductions.accumulateColumnSums(gradient, into: right.zeroedTarget())
                }
            }
        }
        return result
    }

    /// `factor·self`.
    package func scaled(by factor: Double) -> Tensor {
        checkArithmetic("scaled")
        let result = Elementwise.scaled(self, by: factor)
        if Tensor.records(self) {
            let slot = slot
            result.record("scaled", from: [self]) { slot?.add(Elementwise.scaled($0, by: factor)) }
        }
        return result
    }

    /// The activation function of every element.
    package func activation(_ activation: Activation) -> Tensor {
        checkType("activation")
        let result = Elementwise.activated(self, activation)
        if Tensor.records(self) {
            let input = self
            result.record("activation", from: [self]) {
                input.slot?.add(Elementwise.activationGradient($0, at: input, activation, inPlace: false))
            }
        }
        return result
    }

    /// The hyperbolic tangent of every element.
    package func tanh() -> Tensor { activation(.tanh) }

    /// Zeroes elements at the dropout's rate and scales the others by 1 / (1 - rate) (Srivastava et al. 2014, inverted).
    /// The mask is a pure function of the dropout's key, site and the element's row-major index.
    package func dropout(_ dropout: Dropout) -> Tensor {
        checkArithmetic("dropout")
        let result = Elementwise.dropped(self, dropout)
        if Tensor.records(self) {
            let slot = slot
            result.record("dropout", from: [self]) { slot?.add(Elementwise.dropped($0, dropout)) }
        }
        return result
    }

    /// The sum of all elements, a scalar.
    package func sum() -> Tensor {
        checkArithmetic("sum")
        let result = Tensor([Reductions.sum(self)], shape: .scalar, dtype: dtype, in: context)
        if Tensor.records(self) {
            let (slot, shape) = (slot, shape)
            result.record("sum", from: [self]) { gradient in
                slot?.add(Tensor(repeating: gradient.item(), shape: shape, dtype: gradient.dtype, in: gradient.context))
            }
        }
        return result
    }

    /// Traps unless all operands have the same arithmetic type, float32 or float64: operations that have no bfloat16
    /// form take their operands `converted`.
    func checkArithmetic(_ operation: StaticString, _ others: Tensor?...) {
        require(
            dtype == .float32 || dtype == .float64, "\(operation): cannot compute with \(dtype) \(shape)")
        for other in others { check(operation, other, hasType: dtype) }
    }

    /// Traps unless this tensor has an arithmetic type, `operands` the same, and `parameters` (biases, normalisation
    /// weights) the type that goes with it.
    func checkType(_ operation: StaticString, operands: [Tensor?] = [], parameters: [Tensor?] = []) {
        require(dtype.isArithmetic, "\(operation): cannot compute with \(dtype) \(shape)")
        for operand in operands { check(operation, operand, hasType: dtype) }
        for parameter in parameters { check(operation, parameter, hasType: dtype.parameterType) }
    }

    private func check(_ operation: StaticString, _ other: Tensor?, hasType type: DType) {
        guard let other else { return }
        require(
            other.dtype == type,
            "\(operation): \(dtype) \(shape) and \(other.dtype) \(other.shape) do not mix; expected \(type)")
    }
}
