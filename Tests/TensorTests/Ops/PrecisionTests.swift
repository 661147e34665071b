import Tensor
import Testing

/// The float32 and bfloat16 kernels against the float64 twins, forward and backward.
@Suite(.timeLimit(.minutes(1))) struct PrecisionTests {
    @Test(arguments: OperationCase.all)
    func oneDNNAgreesWithFloat64(in operation: OperationCase) {
        expectAgreement(of: operation, in: ComputeContext(threads: 2, backend: OneDNNBackend()))
    }

    @Test(arguments: OperationCase.all)
    func openBLASAgreesWithFloat64(in operation: OperationCase) throws {
        expectAgreement(of: operation, in: ComputeContext(threads: 2, backend: try OpenBLASBackend()))
    }

    /// Values rounded to bfloat16 before both runs. Results and what passes between the parts of an operation are
    /// rounded to 2^-9 of their value; a few such errors add up.
    @Test(arguments: OperationCase.all.filter { $0.parameters != nil })
    func bfloat16AgreesWithFloat64(in operation: OperationCase) throws {
        for backend: any MatmulBackend in [OneDNNBackend(), try OpenBLASBackend()] {
            let context = ComputeContext(threads: 2, backend: backend)
            let exact = operation.evaluate(dtype: .float64, roundingTo: .bfloat16, in: context)
            let rounded = operation.evaluate(dtype: .bfloat16, roundingTo: .bfloat16, in: context)
            expectAgreement(rounded, exact, tolerance: 0.02, backend.description)
        }
    }

    private func expectAgreement(of operation: OperationCase, in context: ComputeContext) {
        expectAgreement(
            operation.evaluate(dtype: .float32, in: context), operation.evaluate(dtype: .float64, in: context),
            tolerance: 1e-5, "float32")
    }

    private func expectAgreement(
        _ rounded: (result: Tensor, gradients: [Tensor]), _ exact: (result: Tensor, gradients: [Tensor]),
        tolerance: Double, _ name: String
    ) {
        expectClose(rounded.result, exact.result, tolerance, "\(name), result")
        for (index, pair) in zip(rounded.gradients, exact.gradients).enumerated() {
            expectClose(pair.0, pair.1, tolerance, "\(name), gradient of operand \(index)")
        }
    }

    private func expectClose(_ rounded: Tensor, _ exact: Tensor, _ tolerance: Double, _ name: String) {
        #expect(rounded.shape == exact.shape)
        let (found, expected) = (rounded.doubles(), exact.doubles())
        let scale = max(1, expected.reduce(0) { max($0, abs($1)) })
        let worst = zip(found, expected).enumerated().max { abs($0.1.0 - $0.1.1) < abs($1.1.0 - $1.1.1) }
        guard let worst else { return }
        #expect(
            abs(worst.element.0 - worst.element.1) <= tolerance * scale,
            "\(name), element \(worst.offset): \(worst.element.0), float64 \(worst.element.1)")
    }

    @Test(arguments: OperationCase.all)
    func bitsDoNotDependOnTheNumberOfThreads(in operation: OperationCase) {
        for dtype in operation.parameters == nil ? [DType.float32] : [.float32, .bfloat16] {
            let one = bits(of: operation, dtype, threads: 1)
            for threads in 2...3 {
                #expect(bits(of: operation, dtype, threads: threads) == one, "\(dtype), \(threads) threads")
            }
        }
    }

    /// Result and gradients of a run, as one list of bit patterns.
    private func bits(of operation: OperationCase, _ dtype: DType, threads: Int) -> [UInt64] {
        let run = operation.evaluate(dtype: dtype, in: ComputeContext(threads: threads))
        return ([run.result] + run.gradients).flatMap { $0.doubles().map(\.bitPattern) }
    }
}
