import Tensor
import Testing

@Suite struct TensorTests {
    private let context = ComputeContext()

    @Test func shapesCountTheirElements() {
        let shape: Shape = [2, 3, 4]
        #expect(shape.count == 24 && shape.rank == 3 && shape.rows == 6 && shape.width == 4 && shape[-1] == 4)
        #expect(Shape.scalar.count == 1 && Shape([0, 3]).count == 0)
        #expect(shape.replacingWidth(7) == [2, 3, 7] && "\(shape)" == "[2, 3, 4]")
    }

    @Test func viewsShareTheirElements() {
        let x = Tensor((0..<12).map { Float($0) }, shape: [4, 3], in: context)
        let rows = x.slice(rows: 1..<3)
        #expect(rows.shape == [2, 3] && rows.floats() == [3, 4, 5, 6, 7, 8])
        x.reshaped([12]).withMutableFloats { $0[4] = -1 }
        #expect(rows.floats() == [3, -1, 5, 6, 7, 8])
        #expect(x.flat(4..<6).floats() == [-1, 5] && x.copied().floats() == x.floats())
    }

    @Test func castsRoundToNearestEven() {
        let values: [Float] = [0, 1, -1.00390625, 1.01171875, 3.14159265, .infinity]
        let x = Tensor(values, shape: [6], in: context)
        // bfloat16 keeps eight significant bits: ties go to the even neighbour.
        #expect(x.cast(to: .bfloat16).cast(to: .float32).floats() == [0, 1, -1, 1.015625, 3.140625, .infinity])
        #expect(x.cast(to: .bfloat16).dtype.byteSize == 2)
        #expect(x.cast(to: .float64).doubles() == values.map { Double($0) })
        #expect(x.cast(to: .float64).cast(to: .float32).floats() == values)
    }

    @Test func emptyTensorsPassThrough() {
        let empty = Tensor(zeros: [0, 5], in: context)
        let weight = Tensor(zeros: [3, 5], in: context)
        weight.requiresGradient = true
        let result = empty.linear(weight: weight, bias: nil, activation: .gelu)
        #expect(result.shape == [0, 3] && result.sum().item() == 0)
        result.sum().backward()
        #expect(weight.gradient?.floats() == [Float](repeating: 0, count: 15))
        #expect(weight.gatherRows(indices: Tensor(ids: [], shape: [0], in: context)).shape == [0, 5])
        let loss = result.crossEntropy(
            labels: Tensor(ids: [], shape: [0], in: context), weights: Tensor(zeros: [0], in: context))
        #expect(loss.loss.item() == 0 && loss.correct == 0)
    }

    /// The gradient of float32 logits is written over them as bfloat16, row by row over rows that are done.
    @Test func lossGradientsOverTheirLogitsEqualThoseBesideThem() {
        let context = ComputeContext(threads: 2)
        var random = PhiloxGenerator(key: RandomKey(seed: 9))
        func normals(_ shape: Shape) -> Tensor {
            Tensor((0..<shape.count).map { _ in random.nextNormal() }, shape: shape, dtype: .bfloat16, in: context)
        }
        let (rows, width) = (83, 70)
        let (hidden, weight) = (normals([rows, 16]), normals([width, 16]))
        let labels = Tensor(ids: (0..<rows).map { Int32($0 * 11 % width) }, shape: [rows], in: context)
        let weights = Tensor([Float](repeating: 0.5, count: rows), shape: [rows], in: context)
        func gradient(holdsLogits: Bool) -> [Double] {
            let input = hidden.copied()
            input.requiresGradient = true
            var logits: Tensor? = input.linear(weight: weight, resultType: .float32)
            let loss = logits?.crossEntropy(labels: labels, weights: weights).loss
            if !holdsLogits { logits = nil }
            loss?.backward()
            return withExtendedLifetime(logits) { input.gradient?.doubles() ?? [] }
        }
        let beside = gradient(holdsLogits: true)
        #expect(beside.count == rows * 16 && beside.contains { $0 != 0 })
        #expect(gradient(holdsLogits: false) == beside)
    }

    @Test func activationsHaveTheirPublishedValues() {
        let x = Tensor([-3, -1, 0.5, 1, 2, 3], shape: [6], in: context)
        let erf = [-0.0040496941, -0.1586552539, 0.3457312306, 0.8413447461, 1.9544997361, 2.9959503059]
        let tanh = [-0.0036373921, -0.1588080094, 0.3457140098, 0.8411919906, 1.9545976941, 2.9963626079]
        for (activation, expected) in [(Activation.gelu, erf), (.geluNew, tanh)] {
            let values = x.activation(activation).doubles()
            #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-10 }, "\(activation): \(values)")
        }
    }
}
