import Tensor
import Testing

/// One differentiable computation, written once and run in both precisions: the subject of all tests of operations.
struct OperationCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// Shapes of the operands that are varied.
    let shapes: [Shape]
    /// Too large for a float64 evaluation per operand element.
    var isLarge = false
    /// Operands that are biases or normalisation weights: float32 where the others are bfloat16. nil: no bfloat16 form.
    var parameters: Set<Int>?
    let result: @Sendable ([Tensor], ComputeContext) -> Tensor

    var testDescription: String { name }

    /// Operand values in (-1, 1), the same on every call.
    func operandValues() -> [[Double]] {
        shapes.enumerated().map { index, shape in Self.numbers(shape.count, stream: UInt32(index)) }
    }

    /// The weights with which the elements of the result make up the objective.
    func objectiveWeights(_ count: Int) -> [Double] { Self.numbers(count, stream: 1000) }

    static func numbers(_ count: Int, stream: UInt32) -> [Double] {
        var generator = PhiloxGenerator(key: RandomKey(seed: 20_240_607, step: 0, shard: 0), site: stream)
        return (0..<count).map { _ in 2 * generator.nextUniform() - 1 }
    }

    /// The result and the gradients of Σ weights·result with respect to every operand. Values are rounded to
    /// `roundingTo` first, so that runs in other types start from the same numbers.
    func evaluate(
        dtype: DType, roundingTo rounded: DType? = nil, in context: ComputeContext
    ) -> (result: Tensor, gradients: [Tensor]) {
        let operands = zip(operandValues(), shapes).enumerated().map { index, value in
            let isParameter = dtype == .bfloat16 && parameters?.contains(index) == true
            let exact = Tensor(value.0, shape: value.1, in: context)
            let operand = (rounded.map { exact.cast(to: $0) } ?? exact).cast(to: isParameter ? .float32 : dtype)
            operand.requiresGradient = true
            return operand
        }
        let output = result(operands, context)
        let weights = Tensor(objectiveWeights(output.count), shape: output.shape, in: context)
        output.backward(seed: (rounded.map { weights.cast(to: $0) } ?? weights).cast(to: output.dtype))
        return (output, operands.map { $0.gradient ?? Tensor(zeros: $0.shape, dtype: dtype, in: context) })
    }

    /// Every operation, with and without its options, at sizes that no vector width or block divides.
    static let all: [OperationCase] =
        elementwise + normalizations + products + attentions + indexed + shared
}

private let key = RandomKey(seed: 99, step: 3, shard: 1)

extension OperationCase {
    private static var elementwise: [OperationCase] {
        let activations = Activation.allCases.map { activation in
            OperationCase(name: "activation \(activation)", shapes: [[3, 7]]) { x, _ in x[0].activation(activation) }
        }
        return activations + [
            OperationCase(name: "tanh", shapes: [[11]]) { x, _ in x[0].tanh() },
            OperationCase(name: "add", shapes: [[3, 5], [3, 5]]) { x, _ in x[0].add(x[1]) },
            OperationCase(name: "add repeating", shapes: [[4, 3, 5], [3, 5]]) { x, _ in x[0].add(x[1]) },
            OperationCase(name: "add rows, several blocks", shapes: [[700, 67], [67]], isLarge: true) { x, _ in
                x[0].add(x[1])
            },
            OperationCase(name: "scaled", shapes: [[3, 5]]) { x, _ in x[0].scaled(by: -0.37) },
            OperationCase(name: "dropout", shapes: [[5, 17]]) { x, _ in
                x[0].dropout(Dropout(rate: 0.4, key: key, site: 7))
            },
            OperationCase(name: "dropout, several blocks", shapes: [[90_001]], isLarge: true) { x, _ in
                x[0].dropout(Dropout(rate: 0.1, key: key, site: 7))
            },
            OperationCase(name: "sum", shapes: [[4, 9]]) { x, _ in x[0].sum() },
            OperationCase(name: "objective", shapes: [[3, 5]]) { x, _ in
                x[0].objective { values in
                    (values.reduce(0) { $0 + $1 * $1 * $1 }, values.map { 3 * $0 * $0 })
                }
            },
            OperationCase(name: "reshaped", shapes: [[4, 6]]) { x, _ in x[0].reshaped([3, 8]).scaled(by: 2) },
            OperationCase(name: "reshaped slice", shapes: [[5, 6]], parameters: []) { x, _ in
                x[0].slice(rows: 1..<5).reshaped([8, 3]).slice(rows: 0..<7)
            },
            OperationCase(name: "slice", shapes: [[5, 3]]) { x, _ in x[0].slice(rows: 1..<4).scaled(by: 2) },
        ]
    }

    private static var normalizations: [OperationCase] {
        let plain = OperationCase(name: "layerNorm", shapes: [[3, 2, 9], [9], [9]], parameters: [1, 2]) { x, _ in
            x[0].layerNorm(weight: x[1], bias: x[2], epsilon: 1e-5)
        }
        let large = OperationCase(
            name: "layerNorm, several blocks", shapes: [[611, 70], [70], [70]], isLarge: true, parameters: [1, 2]
        ) { x, _ in
            x[0].layerNorm(weight: x[1], bias: x[2], epsilon: 1e-12)
        }
        let added = [0.0, 0.3].map { rate in
            OperationCase(
                name: "addLayerNorm, dropout \(rate)", shapes: [[5, 9], [5, 9], [9], [9]], parameters: [2, 3]
            ) { x, _ in
                x[0].addLayerNorm(
                    residual: x[1], weight: x[2], bias: x[3], epsilon: 1e-5,
                    dropout: rate == 0 ? nil : Dropout(rate: rate, key: key, site: 2))
            }
        }
        let addedLarge = OperationCase(
            name: "addLayerNorm, several blocks", shapes: [[611, 70], [611, 70], [70], [70]], isLarge: true,
            parameters: [2, 3]
        ) { x, _ in
            x[0].addLayerNorm(
                residual: x[1], weight: x[2], bias: x[3], epsilon: 1e-12,
                dropout: Dropout(rate: 0.1, key: key, site: 2))
        }
        return [plain, large] + added + [addedLarge]
    }

    private static var products: [OperationCase] {
        let activated = Activation.allCases.map { activation in
            OperationCase(name: "linear, bias, \(activation)", shapes: [[2, 3, 5], [7, 5], [7]], parameters: [2]) {
                x, _ in
                x[0].linear(weight: x[1], bias: x[2], activation: activation)
            }
        }
        return activated + [
            OperationCase(name: "linear without bias", shapes: [[3, 5], [7, 5]], parameters: []) { x, _ in
                x[0].linear(weight: x[1], bias: nil)
            },
            OperationCase(name: "linear without bias, gelu", shapes: [[3, 5], [7, 5]]) { x, _ in
                x[0].linear(weight: x[1], bias: nil, activation: .gelu)
            },
            OperationCase(
                name: "linear, several tiles", shapes: [[301, 67], [213, 67], [213]], isLarge: true, parameters: [2]
            ) { x, _ in
                x[0].linear(weight: x[1], bias: x[2], activation: .geluNew)
            },
            OperationCase(
                name: "linear, regular tiles", shapes: [[256, 64], [128, 64], [128]], isLarge: true, parameters: [2]
            ) { x, _ in
                x[0].linear(weight: x[1], bias: x[2])
            },
            OperationCase(
                name: "linear, float32 result", shapes: [[33, 20], [45, 20], [45]], isLarge: true, parameters: [2]
            ) { x, _ in
                x[0].linear(weight: x[1], bias: x[2], resultType: x[0].dtype == .bfloat16 ? .float32 : nil)
            },
        ] + feedForwards
    }

    private static var feedForwards: [OperationCase] {
        let small = Activation.allCases.map { activation in
            OperationCase(
                name: "feedForward, \(activation)", shapes: [[4, 5], [7, 5], [7], [3, 7], [3]], parameters: [2, 4]
            ) { x, _ in
                x[0].feedForward(
                    inner: x[1], innerBias: x[2], outer: x[3], outerBias: x[4], activation: activation)
            }
        }
        let large = OperationCase(
            name: "feedForward, several tiles", shapes: [[301, 33], [397, 33], [397], [35, 397], [35]], isLarge: true,
            parameters: [2, 4]
        ) { x, _ in
            x[0].feedForward(inner: x[1], innerBias: x[2], outer: x[3], outerBias: x[4], activation: .gelu)
        }
        return small + [large]
    }

    private static var attentions: [OperationCase] {
        [
            OperationCase(name: "attention", shapes: [[10, 18]], parameters: []) { x, _ in
                Tensor.attention(qkv: x[0], sequences: SequenceOffsets(lengths: [5, 5]), heads: 2)
            },
            OperationCase(name: "attention, uneven lengths and dropout", shapes: [[9, 18]], parameters: []) { x, _ in
                Tensor.attention(
                    qkv: x[0], sequences: SequenceOffsets(lengths: [2, 6, 0, 1]), heads: 3,
                    dropout: Dropout(rate: 0.25, key: key, site: 11))
            },
            OperationCase(name: "attention, larger", shapes: [[81, 120]], isLarge: true, parameters: []) { x, _ in
                Tensor.attention(
                    qkv: x[0], sequences: SequenceOffsets(lengths: [33, 17, 31]), heads: 5,
                    dropout: Dropout(rate: 0.1, key: key, site: 11))
            },
            OperationCase(name: "attention, regular tiles", shapes: [[192, 384]], isLarge: true, parameters: []) {
                x, _ in
                Tensor.attention(qkv: x[0], sequences: SequenceOffsets(lengths: [64, 128]), heads: 2)
            },
        ]
    }

    private static func losses(_ x: Tensor, _ context: ComputeContext, rows: Int) -> Tensor {
        let labels = (0..<rows).map { Int32($0 * 7 % x.shape[1]) }
        let weights = (0..<rows).map { [1.0, 0.0, 0.5][$0 % 3] }
        return x.crossEntropy(
            labels: Tensor(ids: labels, shape: [rows], in: context),
            weights: Tensor(weights, shape: [rows], in: context).cast(to: x.dtype)
        ).loss
    }

    private static var indexed: [OperationCase] {
        return [
            OperationCase(name: "embedding", shapes: [[7, 5]]) { x, context in
                x[0].embedding(ids: Tensor(ids: [3, 0, 3, 6, 1, 3], shape: [2, 3], in: context))
            },
            OperationCase(name: "embedding, several blocks", shapes: [[37, 131]], isLarge: true) { x, context in
                x[0].embedding(ids: Tensor(ids: (0..<600).map { Int32($0 * 5 % 37) }, shape: [600], in: context))
            },
            OperationCase(name: "gatherRows", shapes: [[6, 5]], parameters: []) { x, context in
                x[0].gatherRows(indices: Tensor(ids: [5, 2, 2, 0], shape: [4], in: context))
            },
            OperationCase(name: "crossEntropy", shapes: [[7, 11]]) { x, context in losses(x[0], context, rows: 7) },
            OperationCase(name: "crossEntropy, several blocks", shapes: [[101, 233]], isLarge: true) { x, context in
                losses(x[0], context, rows: 101)
            },
        ]
    }

    private static var shared: [OperationCase] {
        [
            OperationCase(name: "one weight, three layers", shapes: [[3, 5], [5, 5], [5]]) { x, _ in
                (0..<3).reduce(x[0]) { value, _ in value.linear(weight: x[1], bias: x[2], activation: .geluNew) }
            },
            OperationCase(name: "tied embedding", shapes: [[7, 5], [7]]) { x, context in
                x[0].embedding(ids: Tensor(ids: [3, 0, 3], shape: [3], in: context)).linear(weight: x[0], bias: x[1])
            },
            OperationCase(
                name: "encoder layer", shapes: [[6, 4], [12, 4], [12], [4], [4]], parameters: [2, 3, 4]
            ) { x, _ in
                let qkv = x[0].linear(weight: x[1], bias: x[2])
                let context = Tensor.attention(qkv: qkv, sequences: SequenceOffsets(lengths: [2, 4]), heads: 2)
                return context.addLayerNorm(residual: x[0], weight: x[3], bias: x[4], epsilon: 1e-5)
            },
            OperationCase(
                name: "checkpointed layer", shapes: [[6, 4], [5, 4], [5], [4, 5], [4], [4], [4]],
                parameters: [2, 4, 5, 6]
            ) { x, _ in
                Tensor.checkpointed(x[0]) { input in
                    input.feedForward(
                        inner: x[1], innerBias: x[2], outer: x[3], outerBias: x[4], activation: .geluNew
                    ).addLayerNorm(residual: input, weight: x[5], bias: x[6], epsilon: 1e-5)
                }
            },
            OperationCase(name: "add to itself", shapes: [[3, 4]]) { x, _ in x[0].add(x[0]) },
        ]
    }
}
