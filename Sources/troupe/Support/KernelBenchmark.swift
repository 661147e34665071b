import Algorithms
import Tensor

/// Times the kernels that are bound by memory or by transcendental functions, each through the operation that uses it.
struct KernelBenchmark {
    /// One kernel, measured.
    struct Result {
        let name: String
        /// Numbers that the kernel works on.
        let elements: Int
        /// The least that a pass over memory must read and write; nil where products of matrices are part of the time.
        let bytes: Double?
        let samples: Samples

        /// Bytes per second, with the least that must be moved.
        var bytesPerSecond: Double? { bytes.map { $0 / samples.median } }
        /// Nanoseconds per element.
        var nanosecondsPerElement: Double { 1e9 * samples.median / Double(elements) }
    }

    let context: ComputeContext
    let precision: RunConfiguration.Precision
    let repeats: Int
    /// Rows of `width` numbers that most kernels work on.
    let rows: Int
    /// Width of the rows: that of BERT-base.
    let width = 768
    private let dropout = Dropout(rate: 0.1, key: RandomKey(seed: 1), site: 1)

    /// A benchmark over tensors of `rows` x 768.
    init(context: ComputeContext, precision: RunConfiguration.Precision, repeats: Int, rows: Int) {
        self.context = context
        self.precision = precision
        self.repeats = repeats
        self.rows = rows
    }

    private var shape: Shape { [rows, width] }

    /// Bytes per second that copying a large tensor reads and writes, with all threads: what memory allows.
    func memoryLimit() -> Double {
        let count = max(shape.count, 1 << 24)
        let source = Tensor.uniform([count], seed: 1, in: context)
        let target = Tensor(zeros: [count], in: context)
        let parts = 4 * context.threads
        let samples = Samples(repeats: max(repeats, 5)) {
            context.pool.run(blocks: parts) { part in
                let range = count * part / parts..<count * (part + 1) / parts
                target.flat(range).copy(from: source.flat(range))
            }
        }
        return 2 * 4 * Double(count) / (samples.seconds.min() ?? samples.median)
    }

    /// Measures all kernels; calls `progress` with the name of each before it starts.
    func run(progress: (String) -> Void) -> [Result] {
        let groups: [(String, () -> [Result])] = [
            ("activation", activations), ("layer norm", layerNorms), ("elementwise", elementwise),
            ("attention", attention), ("cross entropy", crossEntropy), ("optimizers", optimizers),
        ]
        return groups.flatMap { name, measure in
            progress(name)
            return measure()
        }
    }

    // MARK: Families

    private func activations() -> [Result] {
        let (x, gradient) = (uniform(1), uniform(2))
        return [("gelu", Activation.gelu), ("gelu_new", .geluNew), ("swish", .swish)].flatMap { name, kind in
            [
                result(name, transfers: 2) { Tensor.withoutGradient { _ = x.activation(kind) } },
                result("\(name) backward", transfers: 3) {
                    x.asLeaf().activation(kind)
                } _: {
                    $0.backward(seed: gradient)
                },
            ]
        }
    }

    private func layerNorms() -> [Result] {
        let (x, residual, gradient) = (uniform(1), uniform(2), uniform(3))
        let arena = precision.makeArena(
            [
                ParameterEntry(name: "weight", shape: [width], initializer: .ones),
                ParameterEntry(name: "bias", shape: [width], initializer: .zeros),
            ], in: context)
        let (weight, bias) = (arena["weight"], arena["bias"])
        func normalized(_ x: Tensor) -> Tensor { x.layerNorm(weight: weight, bias: bias, epsilon: 1e-12) }
        func added() -> Tensor {
            x.asLeaf().addLayerNorm(
                residual: residual.asLeaf(), weight: weight, bias: bias, epsilon: 1e-12, dropout: dropout)
        }
        return [
            result("layer norm", transfers: 2) { Tensor.withoutGradient { _ = normalized(x) } },
            result("layer norm backward", transfers: 3) {
                normalized(x.asLeaf())
            } _: {
                $0.backward(seed: gradient)
            },
            // Keeps the sum for the backward pass.
            result("dropout + add + layer norm", transfers: 4) { _ = added() },
            result("dropout + add + layer norm backward", transfers: 4) {
                added()
            } _: {
                $0.backward(seed: gradient)
            },
        ]
    }

    private func elementwise() -> [Result] {
        let (single, other) = (Tensor.uniform(shape, seed: 1, in: context), Tensor.uniform(shape, seed: 2, in: context))
        let (half, uniform) = (single.cast(to: .bfloat16), uniform(3))
        let ids = Tensor.uniformIDs([rows], below: rows, seed: 1, in: context)
        return [
            result("dropout", bytesPerElement: 8) { Tensor.withoutGradient { _ = single.dropout(dropout) } },
            result("add", bytesPerElement: 12) { Tensor.withoutGradient { _ = single.add(other) } },
            result("row lookup", transfers: 2) { Tensor.withoutGradient { _ = uniform.gatherRows(indices: ids) } },
            result("float32 to bfloat16", bytesPerElement: 6) { _ = single.cast(to: .bfloat16) },
            result("bfloat16 to float32", bytesPerElement: 6) { _ = half.cast(to: .float32) },
        ]
    }

    /// Logits are float32 in every arithmetic.
    private func crossEntropy() -> [Result] {
        let classes = 30522
        let count = max(1, shape.count / classes)
        let logits = Tensor.uniform([count, classes], seed: 1, in: context)
        let labels = Tensor.uniformIDs([count], below: classes, seed: 2, in: context)
        let weights = Tensor([Float](repeating: 1, count: count), shape: [count], in: context)
        return [
            result("cross entropy", elements: logits.count, bytesPerElement: 4) {
                Tensor.withoutGradient { _ = logits.crossEntropy(labels: labels, weights: weights) }
            },
            // Overwrites the logits, which nobody else holds.
            result("cross entropy backward", elements: logits.count, bytesPerElement: 8) {
                let own = logits.copied()
                own.requiresGradient = true
                return own.crossEntropy(labels: labels, weights: weights).loss
            } _: {
                $0.backward()
            },
        ]
    }

    /// Parameters, their gradients and the moments are float32 in every arithmetic.
    private func optimizers() -> [Result] {
        let arena = ParameterArena(
            entries: [ParameterEntry(name: "weight", shape: shape, initializer: .normal(std: 0.02))], in: context)
        arena.initialize(seed: 1)
        arena.gradients.copy(from: Tensor.uniform([arena.gradients.count], seed: 2, in: context))
        let (adamW, lamb, norm) = (AdamW(arena), Lamb(arena), GradientNorm(arena))
        return [
            result("gradient norm", bytesPerElement: 4) { _ = norm.global },
            // Reads gradient, moments and parameter, writes all but the gradient.
            result("AdamW", bytesPerElement: 28) { adamW.step(learningRate: 1e-4, gradientScale: 1) },
            // Writes the direction too; once the norms are known, reads it with the parameter, and writes that.
            result("LAMB", bytesPerElement: 40) { lamb.step(learningRate: 1e-4, gradientScale: 1) },
        ]
    }

    // MARK: Measuring

    private func uniform(_ seed: UInt64) -> Tensor {
        Tensor.uniform(shape, precision.elementType, seed: seed, in: context)
    }

    /// `transfers` counts the activations that are read or written per element.
    private func result(_ name: String, transfers: Double, _ body: () -> Void) -> Result {
        result(name, transfers: transfers, prepare: {}, body)
    }

    private func result<Input>(
        _ name: String, transfers: Double, prepare: () -> Input, _ body: (Input) -> Void
    ) -> Result {
        let bytes = transfers * Double(precision.elementType.byteSize)
        return result(name, bytesPerElement: bytes, prepare: prepare, body)
    }

    private func result(
        _ name: String, elements: Int? = nil, bytesPerElement: Double?, _ body: () -> Void
    ) -> Result {
        result(name, elements: elements, bytesPerElement: bytesPerElement, prepare: {}, body)
    }

    /// A result over `elements` numbers, those of the usual shape when nil.
    func result<Input>(
        _ name: String, elements: Int? = nil, bytesPerElement: Double?, prepare: () -> Input, _ body: (Input) -> Void
    ) -> Result {
        let count = elements ?? shape.count
        return Result(
            name: name, elements: count, bytes: bytesPerElement.map { $0 * Double(count) },
            samples: Samples(repeats: repeats, prepare: prepare, body))
    }
}
