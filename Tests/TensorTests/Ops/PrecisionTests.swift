import Tensor
import Testing

/// The float32 kernels against the float64 twins, forward and backward.
@Suite(.timeLimit(.minutes(1))) struct PrecisionTests {
    @Test(arguments: OperationCase.all)
    func oneDNNAgreesWithFloat64(in operation: OperationCase) {
        expectAgreement(of: operation, in: ComputeContext(threads: 2, backend: OneDNNBackend()))
    }

    @Test(arguments: OperationCase.all)
    func openBLASAgreesWithFloat64(in operation: OperationCase) throws {
        expectAgreement(of: operation, in: ComputeContext(threads: 2, backend: try OpenBLASBackend()))
    }

    private func expectAgreement(of operation: OperationCase, in context: ComputeContext) {
        let exact = operation.evaluate(dtype: .float64, in: context)
        let rounded = operation.evaluate(dtype: .float32, in: context)
        expectClose(rounded.result, exact.result, "result")
        for (index, pair) in zip(rounded.gradients, exact.gradients).enumerated() {
            expectClose(pair.0, pair.1, "gradient of operand \(index)")
        }
    }

    private func expectClose(_ rounded: Tensor, _ exact: Tensor, _ name: String) {
        #expect(rounded.shape == exact.shape)
        let (found, expected) = (rounded.doubles(), exact.doubles())
        let scale = max(1, expected.reduce(0) { max($0, abs($1)) })
        let worst = zip(found, expected).enumerated().max { abs($0.1.0 - $0.1.1) < abs($1.1.0 - $1.1.1) }
        guard let worst else { return }
        #expect(
            abs(worst.element.0 - worst.element.1) <= 1e-5 * scale,
            "\(name), element \(worst.offset): float32 \(worst.element.0), float64 \(worst.element.1)")
    }

    @Test(arguments: OperationCase.all)
    func bitsDoNotDependOnTheNumberOfThreads(in operation: OperationCase) {
        let one = bits(of: operation, threads: 1)
        for threads in 2...3 {
            #expect(bits(of: operation, threads: threads) == one, "\(threads) threads")
        }
    }

    /// Result and gradients of a float32 run, as one list of bit patterns.
    private func bits(of operation: OperationCase, threads: Int) -> [UInt32] {
        let run = operation.evaluate(dtype: .float32, in: ComputeContext(threads: threads))
        return ([run.result] + run.gradients).flatMap { $0.floats().map(\.bitPattern) }
    }
}
