import Tensor
import Testing

/// One differentiable computation, written once and run in both precisions: the subject of all tests of operations.
struct OperationCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// Shapes of the operands that are varied.
    let shapes: [Shape]
    /// Too large for a float64 evaluation per operand element.
    var isLarge = false
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

    /// The result and the gradients of Σ weights·result with respect to every operand.
    func evaluate(dtype: DType, in context: ComputeContext) -> (result: Tensor, gradients: [Tensor]) {
        let operands = zip(operandValues(), shapes).map { values, shape in
            let operand =
                dtype == .float64
                ? Tensor(values, shape: shape, in: context)
                : Tensor(values.map { Float($0) }, shape: shape, in: context)
            operand.requiresGradient = true
            return operand
        }
        let output = result(operands, context)
        let weights = objectiveWeights(output.count)
        output.backward(
            seed: dtype == .float64
                ? Tensor(weights, shape: output.shape, in: context)
                : Tensor(weights.map { Float($0) }, shape: output.shape, in: context))
        return (output, operands.map { $0.gradient ?? Tensor(zeros: $0.shape, dtype: dtype, in: context) })
    }

    /// Every operation, with and without its options, at sizes that no vector width or block divides.
    static let all: [OperationCase] = elementwise + normalizations + products + attentions + indexed + shared
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
            OperationCase(name: "reshaped", shapes: [[4, 6]]) { x, _ in x[0].reshaped([3, 8]).scaled(by: 2) },
            OperationCase(name: "slice", shapes: [[5, 3]]) { x, _ in x[0].slice(rows: 1..<4).scaled(by: 2) },
        ]
    }

    private static var normalizations: [OperationCase] {
        let plain = OperationCase(name: "layerNorm", shapes: [[3, 2, 9], [9], [9]]) { x, _ in
            x[0].layerNorm(weight: x[1], bias: x[2], epsilon: 1e-5)
        }
        let large = OperationCase(name: "layerNorm, several blocks", shapes: [[611, 70], [70], [70]], isLarge: true) {
            x, _ in x[0].layerNorm(weight: x[1], bias: x[2], epsilon: 1e-12)
        }
        let added = [0.0, 0.3].map { rate in
            OperationCase(name: "addLayerNorm, dropout \(rate)", shapes: [[5, 9], [5, 9], [9], [9]]) { x, _ in
                x[0].addLayerNorm(
                    residual: x[1], weight: x[2], bias: x[3], epsilon: 1e-5,
                    dropout: rate == 0 ? nil : Dropout(rate: rate, key: key, site: 2))
            }
        }
        let addedLarge = OperationCase(
            name: "addLayerNorm, several blocks", shapes: [[611, 70], [611, 70], [70], [70]], isLarge: true
        ) { x, _ in
            x[0].addLayerNorm(
                residual: x[1], weight: x[2], bias: x[3], epsilon: 1e-12,
                dropout: Dropout(rate: 0.1, key: key, site: 2))
        }
        return [plain, large] + added + [addedLarge]
    }

    private static var products: [OperationCase] {
        let activated = Activation.allCases.map { activation in
            OperationCase(name: "linear, bias, \(activation)", shapes: [[2, 3, 5], [7, 5], [7]]) { x, _ in
                x[0].linear(weight: x[1], bias: x[2], activation: activation)
            }
        }
        return activated + [
            OperationCase(name: "linear without bias", shapes: [[3, 5], [7, 5]]) { x, _ in
                x[0].linear(weight: x[1], bias: nil)
            },
            OperationCase(name: "linear without bias, gelu", shapes: [[3, 5], [7, 5]]) { x, _ in
                x[0].linear(weight: x[1], bias: nil, activation: .gelu)
            },
            OperationCase(name: "linear, several tiles", shapes: [[301, 67], [213, 67], [213]], isLarge: true) { x, _ in
                x[0].linear(weight: x[1], bias: x[2], activation: .geluNew)
            },
        ]
    }

    private static func mask(_ batch: Int, _ sequence: Int, like x: Tensor, _ context: ComputeContext) -> Tensor {
        let values = (0..<batch * sequence).map { $0 % sequence > sequence / 2 + $0 / sequence ? -10000.0 : 0.0 }
        return Tensor(values, shape: [batch, sequence], in: context).cast(to: x.dtype)
    }

    private static var attentions: [OperationCase] {
        let shape: Shape = [2, 5, 6]
        let large: Shape = [3, 33, 40]
        return [
            OperationCase(name: "attention", shapes: [shape, shape, shape]) { x, _ in
                Tensor.attention(query: x[0], key: x[1], value: x[2], mask: nil, heads: 2, dropout: nil)
            },
            OperationCase(name: "attention, mask and dropout", shapes: [shape, shape, shape]) { x, context in
                Tensor.attention(
                    query: x[0], key: x[1], value: x[2], mask: mask(2, 5, like: x[0], context), heads: 3,
                    dropout: Dropout(rate: 0.25, key: key, site: 11))
            },
            OperationCase(name: "attention, larger", shapes: [large, large, large], isLarge: true) { x, context in
                Tensor.attention(
                    query: x[0], key: x[1], value: x[2], mask: mask(3, 33, like: x[0], context), heads: 5,
                    dropout: Dropout(rate: 0.1, key: key, site: 11))
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
            OperationCase(name: "gatherRows", shapes: [[6, 5]]) { x, context in
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
            OperationCase(name: "self-attention on one tensor", shapes: [[2, 3, 4]]) { x, _ in
                Tensor.attention(query: x[0], key: x[0], value: x[0], mask: nil, heads: 2, dropout: nil)
            },
            OperationCase(name: "encoder layer", shapes: [[2, 3, 4], [4, 4], [4, 4], [4], [4]]) { x, _ in
                let q = x[0].linear(weight: x[1], bias: nil)
                let k = x[0].linear(weight: x[2], bias: nil)
                let context = Tensor.attention(query: q, key: k, value: x[0], mask: nil, heads: 2, dropout: nil)
                return context.addLayerNorm(residual: x[0], weight: x[3], bias: x[4], epsilon: 1e-5, dropout: nil)
                    .add(x[0]).add(x[0])
            },
            OperationCase(name: "add to itself", shapes: [[3, 4]]) { x, _ in x[0].add(x[0]) },
        ]
    }
}
