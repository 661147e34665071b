internal import CKernels

/// The loss over rows of logits, and how many rows were right.
package struct CrossEntropy {
    /// `Σ w·(logΣexp(row) − row[label])`, a scalar with a gradient.
    package let loss: Tensor
    /// The sum of the weights of the rows whose first largest logit is the label's.
    package let correct: Double
}

extension Tensor {
    /// Weighted cross-entropy of [n, V] logits with `labels` (int32, [n]) and `weights` ([n], the type of the logits).
    /// Rows of weight 0 count for nothing and their label is not read.
    ///
    /// The backward pass writes the gradient over the logits when nobody else holds them by then: drop them before
    /// `backward()` to save their size.
    package func crossEntropy(labels: Tensor, weights: Tensor) -> CrossEntropy {
        checkArithmetic("crossEntropy", weights)
        require(
            shape.rank == 2 && labels.dtype == .int32 && labels.shape == [shape[0]] && weights.shape == [shape[0]],
            "crossEntropy: logits \(shape), labels \(labels.shape) of \(labels.dtype), weights \(weights.shape)")
        checkLabels(labels, weights)
        let (loss, correct, logSumExp) = CrossEntropyRows.forward(self, labels: labels, weights: weights)
        let result = Tensor([loss], shape: .scalar, dtype: dtype, in: context)
        if Tensor.records(self) {
            var logits: Tensor? = self
            let slot = slot
            result.record("crossEntropy", from: [self]) { gradient in
                let isSole = isKnownUniquelyReferenced(&logits)
                guard let values = logits, let slot else { return }
                let target =
                    isSole && values.ownsStorageAlone()
                    ? values.reinterpreted(as: slot.dtype)
                    : Tensor(uninitialized: values.shape, dtype: slot.dtype, in: values.context)
                CrossEntropyRows.backward(
                    values, labels: labels, weights: weights, logSumExp: logSumExp, seed: gradient.item(), into: target)
                slot.add(target)
            }
        }
        return CrossEntropy(loss: result, correct: correct)
    }

    private func checkLabels(_ labels: Tensor, _ weights: Tensor) {
        guard labels.firstOutside(shape.width) != nil else { return }
        let (labels, weights) = (labels.int32s(), weights.doubles())
        for (index, label) in labels.enumerated() where weights[index] != 0 {
            require(
                label >= 0 && label < shape.width,
                "crossEntropy: label \(index) is \(label), outside the \(shape.width) classes of \(shape)")
        }
    }
}

/// The two passes of cross-entropy over rows of logits.
enum CrossEntropyRows {
    private static let rowBlock = 8

    static func forward(
        _ logits: Tensor, labels: Tensor, weights: Tensor
    ) -> (loss: Double, correct: Double, logSumExp: Tensor) {
        let context = logits.context
        let (rows, width) = (logits.shape.rows, logits.shape.width)
        guard logits.dtype == .float32 else {
            let twin = Twins.crossEntropy(logits.doubles(), labels: labels.int32s(), weights: weights.doubles())
            return (twin.loss, twin.correct, Tensor(twin.logSumExp, shape: [rows], in: context))
        }
        let logSumExp = Tensor(uninitialized: [rows], dtype: .float32, in: context)
        let losses = Tensor(uninitialized: [rows], dtype: .float32, in: context)
        let best = Tensor(uninitialized: [rows], dtype: .int32, in: context)
        let (source, label, weight) = unsafe (logits.floatAddress, labels.int32Address, weights.floatAddress)
        let (loss, sums, argmax) = unsafe (losses.floatAddress, logSumExp.floatAddress, best.int32Address)
        context.measured(.loss) {
            context.forEachBlock(of: rows, length: rowBlock) { range in
                let row = range.lowerBound
                unsafe tk_cross_entropy_forward(
                    source + row * width, label + row, weight + row, loss + row, sums + row, argmax + row, range.count,
                    width)
            }
        }
        let correct = zip(zip(best.int32s(), labels.int32s()), weights.floats())
            .reduce(0.0) { $0 + ($1.0.0 == $1.0.1 ? Double($1.1) : 0) }
        let total = unsafe tk_dot(weight, loss, rows)
        withExtendedLifetime((logits, labels, weights, losses, best)) {}
        return (total, correct, logSumExp)
    }

    /// The gradient with respect to the logits, which may begin where they do.
    static func backward(
        _ logits: Tensor, labels: Tensor, weights: Tensor, logSumExp: Tensor, seed: Double, into target: Tensor
    ) {
        guard logits.dtype == .float32 else {
            let values = Twins.crossEntropyGradient(
                logits.doubles(), labels: labels.int32s(), weights: weights.doubles(), logSumExp: logSumExp.doubles(),
                seed: seed)
            Elementwise.overwrite(target, with: values)
            return
        }
        let (rows, width) = (logits.shape.rows, logits.shape.width)
        let (source, label, weight) = unsafe (logits.floatAddress, labels.int32Address, weights.floatAddress)
        let (sums, gradient, type) = unsafe (logSumExp.floatAddress, target.address, target.dtype.kernelType)
        let size = target.dtype.byteSize
        logits.context.measured(.loss) {
            // A bfloat16 row r lies over the float32 row r/2. So rows r ..< 2r can be written at the same time, once
            // those before them are.
            var first = 0
            while first < rows {
                let end = min(size == 4 ? rows : max(2 * first, 1), rows)
                logits.context.forEachBlock(of: end - first, length: rowBlock) { range in
                    let row = first + range.lowerBound
                    unsafe tk_cross_entropy_backward(
                        type, source + row * width, label + row, weight + row, sums + row, Float(seed),
                        gradient + row * width * size, range.count, width)
                }
                first = end
            }
        }
        withExtendedLifetime((logits, labels, weights, logSumExp, target)) {}
    }
}
