import CKernels
import Glibc
import Tensor
import Testing

@Suite struct SoftmaxKernelTests {
    typealias Harness = KernelHarness

    static let shapes = [(0, 5), (4, 1), (3, 3), (2, 15), (5, 16), (3, 17), (4, 128), (2, 1000), (3, 0)]
    private static let key = RandomKey(seed: 5, step: 1)
    private static let scale: Float = 0.125

    private func twin(_ scores: [Double], _ additive: [Double]?, cols: Int) -> [Double] {
        stride(from: 0, to: scores.count, by: max(cols, 1)).flatMap { start in
            let row = (0..<cols).map { Double(Self.scale) * scores[start + $0] + (additive?[$0] ?? 0) }
            let peak = row.max() ?? 0
            let powers = row.map { exp($0 - peak) }
            let total = powers.reduce(0, +)
            return powers.map { $0 / total }
        }
    }

    @Test(arguments: shapes, [false, true]) func probabilitiesEqualTheTwin(shape: (Int, Int), masked: Bool) {
        let (rows, cols) = shape
        let scores = Harness.normal(rows * cols, seed: 31, scale: 20)
        let additive = masked ? (0..<cols).map { Float($0 % 3 == 1 ? -10_000 : 0) } : nil
        Harness.expect(
            "softmax \(shape)", twin(scores.wide, additive?.wide, cols: cols), absolute: 1e-9, relative: 2e-6
        ) {
            unsafe Harness.output(scores) {
                unsafe tk_softmax_forward($0, additive, Self.scale, $0, nil, rows, cols, nil, 0)
            }
        }
    }

    @Test(arguments: shapes, [0.0, 0.5]) func gradientEqualsTheTwin(shape: (Int, Int), rate: Double) {
        let (rows, cols) = shape
        let scores = Harness.normal(rows * cols, seed: 32, scale: 5)
        let upstream = Harness.normal(rows * cols, seed: 33)
        let dropout = Dropout(rate: rate, key: Self.key, site: 3)
        let p = twin(scores.wide, nil, cols: cols)
        let d = Twins.dropped(upstream.wide, dropout)
        var gradient = p
        for start in stride(from: 0, to: p.count, by: max(cols, 1)) {
            let projection = (start..<start + cols).reduce(0) { $0 + p[$1] * d[$1] }
            for i in start..<start + cols { gradient[i] = Double(Self.scale) * p[i] * (d[i] - projection) }
        }
        let expected = p + Twins.dropped(p, dropout) + gradient
        Harness.expect("softmax with dropout \(rate) \(shape)", expected, absolute: 1e-6, relative: 1e-5) {
            passes(scores, upstream, rows, cols, rate: rate)
        }
    }

    /// Probabilities, probabilities after dropout, and gradient of the scores.
    private func passes(_ scores: [Float], _ upstream: [Float], _ rows: Int, _ cols: Int, rate: Double) -> [Float] {
        var mask = Self.key.mask(site: 3, rate: rate)
        var dropped: [Float] = []
        return unsafe withUnsafePointer(to: &mask) { mask in
            let p = unsafe Harness.output(count: rows * cols) { p in
                dropped = unsafe Harness.output(count: rows * cols) {
                    unsafe tk_softmax_forward(scores, nil, Self.scale, p, $0, rows, cols, mask, 0)
                }
            }
            let gradient = unsafe Harness.output(upstream) {
                unsafe tk_softmax_backward(p, $0, Self.scale, $0, rows, cols, rate == 0 ? nil : mask, 0)
            }
            return p + dropped + gradient
        }
    }

    @Test func maskedColumnsGetExactlyZero() {
        Harness.expect("hidden keys", [0.5, 0, 0.5, 0], absolute: 0, relative: 0) {
            unsafe Harness.output([8, 8, 8, 80]) {
                unsafe tk_softmax_forward($0, [0, -10_000, 0, -10_000], 1, $0, nil, 1, 4, nil, 0)
            }
        }
    }
}
