import Tensor
import Testing

/// The float32 optimizer arithmetic against its float64 twins, in ranges of flat tensors.
@Suite(.timeLimit(.minutes(1))) struct OptimizerTwinTests {
    private static let count = 70_001
    /// Two ranges that no cache line bounds; elements outside them must stay as they are.
    private static let ranges = [3..<40_003, 40_003..<69_990]

    /// Weights, gradient, first and second moment.
    private func operands(_ dtype: DType) -> [Tensor] {
        let context = ComputeContext()
        return (0..<4).map { index in
            let numbers = OperationCase.numbers(Self.count, stream: UInt32(50 + index))
            let values = index == 3 ? numbers.map { abs($0) } : numbers
            return Tensor(values, shape: [Self.count], in: context).cast(to: dtype)
        }
    }

    private func expectAgreement(_ name: String, _ update: ([Tensor], Range<Int>) -> [Double]) {
        let (single, double) = (operands(.float32), operands(.float64))
        for range in Self.ranges {
            let (found, expected) = (update(single, range), update(double, range))
            for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(name): \(a), \(b)") }
        }
        let changed = Self.ranges[0].lowerBound..<Self.ranges[1].upperBound
        for (index, before) in operands(.float32).enumerated() {
            let (a, b, old) = (single[index].doubles(), double[index].doubles(), before.doubles())
            let worst = a.indices.reduce(0) { max($0, abs(a[$1] - b[$1]) / max(1, abs(b[$1]))) }
            #expect(worst <= 2e-6, "\(name): operand \(index) differs by \(worst)")
            #expect(
                a[..<changed.lowerBound] == old[..<changed.lowerBound]
                    && a[changed.upperBound...] == old[changed.upperBound...],
                "\(name): operand \(index) changed outside the ranges")
        }
    }

    @Test func momentsAndDirectionAgree() {
        expectAgreement("LAMB") { x, range in
            OptimizerKernels.moments(
                gradient: x[1], scale: 0.3, first: x[2], second: x[3], range, beta1: 0.9, beta2: 0.999)
            let squares = OptimizerKernels.adamDirection(
                first: x[2], second: x[3], weights: x[0], into: x[1], range, corrections: (1, 1), epsilon: 1e-3,
                decay: 0.01)
            OptimizerKernels.addScaled(x[1], by: -0.01, to: x[0], range)
            return [squares.weights, squares.direction]
        }
    }

    @Test(arguments: [OptimizerKernels.AdamWForm.bert, .transformers3, .torch])
    func adamWAgrees(form: OptimizerKernels.AdamWForm) {
        expectAgreement("AdamW \(form)") { x, range in
            OptimizerKernels.adamW(
                gradient: x[1], scale: 0.7, first: x[2], second: x[3], weights: x[0], range, form: form, rate: 0.01,
                beta1: 0.9, beta2: 0.99, epsilon: 1e-3, decay: 0.1, corrections: (3, 20))
            return []
        }
    }

    @Test(arguments: [true, false])
    func gradientDescentAgrees(hasVelocity: Bool) {
        expectAgreement("SGD") { x, range in
            OptimizerKernels.sgd(
                gradient: x[1], scale: 0.5, velocity: hasVelocity ? x[2] : nil, weights: x[0], range, rate: 0.1,
                momentum: hasVelocity ? 0.9 : 0, decay: 0.01)
            return [OptimizerKernels.sumOfSquares(x[0], range)]
        }
    }

    @Test func aStepOfEachFormIsTheWrittenFormula() {
        let context = ComputeContext()
        func step(_ form: OptimizerKernels.AdamWForm) -> Double {
            let x = [0.5, 2.0, 0.1, 0.2].map { Tensor([$0], shape: [1], in: context) }
            OptimizerKernels.adamW(
                gradient: x[1], scale: 1, first: x[2], second: x[3], weights: x[0], 0..<1, form: form, rate: 0.1,
                beta1: 0.5, beta2: 0.75, epsilon: 0, decay: 0.2, corrections: (2, 4))
            return x[0].item()
        }
        // m = 0.5·0.1 + 0.5·2 = 1.05; v = 0.75·0.2 + 0.25·4 = 1.15.
        let ratio = 1.05 / 1.15.squareRoot()
        #expect(abs(step(.bert) - (0.5 - 0.1 * (ratio + 0.1))) < 1e-15)
        #expect(abs(step(.transformers3) - (0.5 - 0.1 * ratio) * 0.98) < 1e-15)
        #expect(abs(step(.torch) - (0.5 * 0.98 - 0.1 * ratio)) < 1e-15)
    }

    @Test func plainMemoryAddsInPlace() {
        var sums: [Float] = [1, 2, 3]
        let added: [Float] = [10, 20, 30]
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            unsafe added.withUnsafeBytes { unsafe RawKernels.add($0, to: sums) }
        }
        #expect(sums == [11, 22, 33])
    }
}
