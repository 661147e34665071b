import CKernels
import Tensor
import Testing

@Suite struct LossKernelTests {
    typealias Harness = KernelHarness

    static let widths = [1, 3, 15, 16, 17, 63, 1000]

    struct Rows {
        let logits: [Float]
        let labels: [Int32]
        let weights: [Float]
        let count = 6

        init(width: Int) {
            logits = KernelHarness.normal(count * width, seed: 41, scale: 10)
            // The row of weight 0 has a label that must not be read.
            labels = [0, Int32(width / 2), Int32(width - 1), 0, 1 << 30, 0]
            weights = [1, 0.5, 2, 1, 0, 3]
        }
    }

    @Test(arguments: widths) func forwardEqualsTheTwin(width: Int) {
        let rows = Rows(width: width)
        var expected: [Double] = []
        for row in 0..<rows.count {
            let part = Array(rows.logits.wide[row * width..<(row + 1) * width])
            let isCounted = rows.weights[row] != 0
            let label = isCounted ? rows.labels[row] : 0
            let twin = Twins.crossEntropy(part, labels: [label], weights: [isCounted ? 1 : 0])
            expected += [twin.loss, twin.logSumExp[0], Double(part.firstIndex(of: part.max() ?? 0) ?? 0)]
        }
        Harness.expect("cross entropy \(width)", expected, absolute: 2e-6, relative: 1e-6) {
            let (loss, sums, best) = forward(rows, width)
            return (0..<rows.count).flatMap { [loss[$0], sums[$0], Float(best[$0])] }
        }
    }

    private func forward(_ rows: Rows, _ width: Int) -> (loss: [Float], sums: [Float], best: [Int32]) {
        var sums = [Float](repeating: 0, count: rows.count)
        var best = [Int32](repeating: -1, count: rows.count)
        let loss = unsafe Harness.output(count: rows.count) {
            unsafe tk_cross_entropy_forward(
                rows.logits, rows.labels, rows.weights, $0, &sums, &best, rows.count, width)
        }
        return (loss, sums, best)
    }

    @Test(arguments: widths) func backwardEqualsTheTwin(width: Int) {
        let rows = Rows(width: width)
        let labels = zip(rows.labels, rows.weights).map { $1 == 0 ? 0 : $0 }
        let sums = Twins.crossEntropy(rows.logits.wide, labels: labels, weights: rows.weights.wide).logSumExp
        let expected = Twins.crossEntropyGradient(
            rows.logits.wide, labels: labels, weights: rows.weights.wide, logSumExp: sums, seed: 0.25)
        // A logit of magnitude 30 is known to 2e-6, and so is the relative size of its probability.
        Harness.expect("cross entropy gradient \(width)", expected, absolute: 4e-6, relative: 4e-6) {
            let sums = forward(rows, width).sums
            return unsafe Harness.output(rows.logits) {
                unsafe tk_cross_entropy_backward(
                    TK_FLOAT32, $0, rows.labels, rows.weights, sums, 0.25, $0, rows.count, width)
            }
        }
    }

    /// In place, where a row of bfloat16 begins half as far from the start as its logits.
    @Test(arguments: widths) func bfloat16GradientsAreTheRoundedOnes(width: Int) {
        let rows = Rows(width: width)
        Harness.forEachVariant { variant in
            let sums = forward(rows, width).sums
            var gradient = rows.logits
            let wide = unsafe gradient.withUnsafeMutableBufferPointer { buffer -> [Float] in
                guard let start = buffer.baseAddress else { return [] }
                var out = [Float](repeating: 0, count: buffer.count)
                unsafe tk_cross_entropy_backward(
                    TK_FLOAT32, start, rows.labels, rows.weights, sums, 0.25, &out, rows.count, width)
                unsafe tk_cross_entropy_backward(
                    TK_BFLOAT16, start, rows.labels, rows.weights, sums, 0.25, start, rows.count, width)
                return out
            }
            let narrow = (0..<wide.count).map { index in
                let word = gradient[index / 2].bitPattern
                return Float(bitPattern: (index % 2 == 0 ? word & 0xffff : word >> 16) << 16)
            }
            #expect(narrow == KernelElement.bfloat16.rounded(wide), "\(variant)")
        }
    }

    @Test func tiesGoToTheLowestColumnAndNoWeightsMeanOnes() {
        Harness.forEachVariant { variant in
            var (loss, sum) = (Float(0), Float(0))
            var best: Int32 = -1
            let logits = [Float](repeating: 2, count: 40)
            unsafe tk_cross_entropy_forward(logits, [39], nil, &loss, &sum, &best, 1, 40)
            #expect(best == 0, "\(variant)")
            #expect(abs(loss - 3.688879) < 1e-6, "\(variant): \(loss)")
        }
    }
}
