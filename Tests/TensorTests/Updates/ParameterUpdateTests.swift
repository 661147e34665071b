import Tensor
import Testing

/// The float32 optimizer kernels against the float64 forms, over more than one block.
@Suite(.timeLimit(.minutes(1))) struct ParameterUpdateTests {
    private static let count = 70_001

    /// Weights, gradient, first and second moment.
    private func operands(_ dtype: DType, threads: Int = 2) -> [Tensor] {
        let context = ComputeContext(threads: threads)
        return (0..<4).map { index in
            let numbers = OperationCase.numbers(Self.count, stream: UInt32(50 + index))
            let values = index == 3 ? numbers.map { abs($0) } : numbers
            return Tensor(values, shape: [Self.count], in: context).cast(to: dtype)
        }
    }

    private func expectAgreement(_ update: ([Tensor]) -> [Double], _ name: String) {
        let (single, double) = (operands(.float32), operands(.float64))
        let (found, expected) = (update(single), update(double))
        for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(name): \(a), \(b)") }
        for (index, pair) in zip(single, double).enumerated() {
            let worst = zip(pair.0.doubles(), pair.1.doubles()).reduce(0) {
                max($0, abs($1.0 - $1.1) / max(1, abs($1.1)))
            }
            #expect(worst <= 2e-6, "\(name): operand \(index) differs by \(worst)")
        }
        let alone = operands(.float32, threads: 1)
        #expect(update(alone) == found, "\(name): sums depend on the number of threads")
        for (a, b) in zip(alone, single) { #expect(a.floats() == b.floats(), "\(name): bits depend on threads") }
    }

    @Test func momentsAndDirectionAgree() {
        expectAgreement(
            { x in
                ParameterUpdate.moments(of: x[1], scale: 0.3, first: x[2], second: x[3], beta1: 0.9, beta2: 0.999)
                let norms = ParameterUpdate.adamDirection(
                    first: x[2], second: x[3], weights: x[0], into: x[1], epsilon: 1e-3, decay: 0.01)
                ParameterUpdate.add(x[1], scaledBy: -0.01, to: x[0])
                return [norms.weights, norms.direction]
            }, "LAMB")
    }

    @Test(arguments: AdamWForm.allCases)
    func adamWAgrees(form: AdamWForm) {
        let options = AdamWOptions(
            form: form, rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-3, decay: 0.1, firstCorrection: 3,
            secondCorrection: 20)
        expectAgreement(
            { x in
                ParameterUpdate.adamW(weights: x[0], gradient: x[1], scale: 0.7, first: x[2], second: x[3], options)
                return []
            }, "AdamW \(form)")
    }

    @Test(arguments: [true, false])
    func gradientDescentAgrees(hasVelocity: Bool) {
        expectAgreement(
            { x in
                ParameterUpdate.sgd(
                    weights: x[0], gradient: x[1], scale: 0.5, velocity: hasVelocity ? x[2] : nil, rate: 0.1,
                    momentum: hasVelocity ? 0.9 : 0, decay: 0.01)
                ParameterUpdate.scale(x[3], by: 0.25)
                return [ParameterUpdate.sumOfSquares(x[0])]
            }, "SGD")
    }

    @Test func aStepOfEachFormIsTheWrittenFormula() {
        let context = ComputeContext()
        func step(_ form: AdamWForm) -> Double {
            let tensors = [0.5, 2.0, 0.1, 0.2].map { Tensor([$0], shape: [1], in: context) }
            ParameterUpdate.adamW(
                weights: tensors[0], gradient: tensors[1], first: tensors[2], second: tensors[3],
                AdamWOptions(
                    form: form, rate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0, decay: 0.2, firstCorrection: 2,
                    secondCorrection: 4))
            return tensors[0].item()
        }
        // m = 0.5·0.1 + 0.5·2 = 1.05; v = 0.75·0.2 + 0.25·4 = 1.15.
        let ratio = 1.05 / 1.15.squareRoot()
        #expect(abs(step(.bert) - (0.5 - 0.1 * (ratio + 0.1))) < 1e-15)
        #expect(abs(step(.transformers) - (0.5 - 0.1 * ratio) * 0.98) < 1e-15)
        #expect(abs(step(.torch) - (0.5 * 0.98 - 0.1 * ratio)) < 1e-15)
    }

    @Test func rawBuffersAddInPlace() {
        let context = ComputeContext()
        let (x, y) = (
            Tensor([1, 2, 3] as [Float], shape: [3], in: context),
            Tensor([10, 20, 30] as [Float], shape: [3], in: context)
        )
        unsafe x.withUnsafeMutableBytes { target in
            unsafe y.withUnsafeMutableBytes { source in
                unsafe FloatBuffer.add(
                    UnsafeBufferPointer(source.bindMemory(to: Float.self)), into: target.bindMemory(to: Float.self))
            }
        }
        #expect(x.floats() == [11, 22, 33])
    }
}
