import Tensor
import Testing

/// The gradients of every operation against central differences in float64.
@Suite struct FiniteDifferenceTests {
    @Test(arguments: OperationCase.all.filter { !$0.isLarge })
    func gradientsEqualCentralDifferences(of operation: OperationCase) {
        let context = ComputeContext()
        let gradients = operation.evaluate(dtype: .float64, in: context).gradients
        let step = 1e-6
        var values = operation.operandValues()
        for operand in values.indices {
            let gradient = gradients[operand].doubles()
            var worst = (error: 0.0, description: "")
            for index in values[operand].indices {
                let centre = values[operand][index]
                values[operand][index] = centre + step
                let above = objective(of: operation, values, context)
                values[operand][index] = centre - step
                let below = objective(of: operation, values, context)
                values[operand][index] = centre
                let difference = (above - below) / (2 * step)
                let error = abs(difference - gradient[index]) / max(1, abs(difference))
                if !(error <= worst.error) {
                    worst = (error, "element \(index): difference \(difference), gradient \(gradient[index])")
                }
            }
            #expect(worst.error <= 1e-7, "operand \(operand), \(worst.description)")
        }
    }

    private func objective(of operation: OperationCase, _ values: [[Double]], _ context: ComputeContext) -> Double {
        let operands = zip(values, operation.shapes).map { Tensor($0, shape: $1, in: context) }
        let output = operation.result(operands, context).doubles()
        return zip(output, operation.objectiveWeights(output.count)).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
