import CKernels
import Tensor
import Testing

@Suite struct NormalizationKernelTests {
    typealias Harness = KernelHarness

    static let shapes = [(0, 5), (4, 1), (3, 15), (2, 16), (5, 17), (1, 63), (7, 770), (3, 0)]
    static let epsilon = 1e-12
    private static let key = RandomKey(seed: 99, step: 7, shard: 2)

    struct Operands {
        let x: [Float]
        let residual: [Float]
        let weight: [Float]
        let bias: [Float]
        let upstream: [Float]

        init(_ rows: Int, _ cols: Int) {
            // An offset: a one-pass variance would lose digits.
            x = KernelHarness.normal(rows * cols, seed: 21).map { $0 + 10 }
            residual = KernelHarness.normal(rows * cols, seed: 22)
            weight = KernelHarness.normal(cols, seed: 23)
            bias = KernelHarness.normal(cols, seed: 24)
            upstream = KernelHarness.normal(rows * cols, seed: 25)
        }
    }

    /// y, mean and rstd in one array.
    private func forward(_ o: Operands, _ rows: Int, _ cols: Int) -> (y: [Float], mean: [Float], rstd: [Float]) {
        var (mean, rstd) = ([Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows))
        let y = unsafe Harness.output(count: rows * cols) {
            unsafe tk_layer_norm_forward(o.x, o.weight, o.bias, Self.epsilon, $0, &mean, &rstd, rows, cols)
        }
        return (y, mean, rstd)
    }

    @Test(arguments: shapes) func forwardEqualsTheTwin(rows: Int, cols: Int) {
        let o = Operands(rows, cols)
        if cols == 0 { return }
        let expected = Twins.layerNorm(o.x.wide, weight: o.weight.wide, bias: o.bias.wide, epsilon: Self.epsilon)
        Harness.expect("layer norm \(rows)x\(cols)", expected, absolute: 1e-5, relative: 1e-5) {
            forward(o, rows, cols).y
        }
    }

    @Test(arguments: shapes) func backwardEqualsTheTwinAndAccumulates(rows: Int, cols: Int) {
        let o = Operands(rows, cols)
        if cols <= 1 { return }
        let twin = Twins.layerNormGradient(o.upstream.wide, x: o.x.wide, weight: o.weight.wide, epsilon: Self.epsilon)
        let starts = (Harness.normal(cols, seed: 26), Harness.normal(cols, seed: 27))
        let expected = twin.x + Twins.sum(twin.weight, starts.0.wide) + Twins.sum(twin.bias, starts.1.wide)
        Harness.expect("layer norm gradient \(rows)x\(cols)", expected, absolute: 4e-5, relative: 4e-5) {
            let saved = forward(o, rows, cols)
            var (dw, db) = starts
            let dx = unsafe Harness.output(count: rows * cols) {
                unsafe tk_layer_norm_backward(
                    o.upstream, o.x, saved.mean, saved.rstd, o.weight, $0, &dw, &db, rows, cols)
            }
            return dx + dw + db
        }
    }

    /// One column: the row minus its mean is zero, whatever the epsilon.
    @Test func aConstantRowGivesTheBias() {
        let o = Operands(4, 1)
        Harness.expect("constant rows", [Double](repeating: Double(o.bias[0]), count: 4)) { forward(o, 4, 1).y }
    }

    @Test(arguments: shapes, [0.0, 0.25]) func fusedSumEqualsItsParts(shape: (Int, Int), rate: Double) {
        let (rows, cols) = shape
        if cols <= 1 { return }
        let o = Operands(rows, cols)
        let dropout = Dropout(rate: rate, key: Self.key, site: 5)
        // Twins number elements from 0; the kernel is called as the second of two blocks of rows.
        let before = [Double](repeating: 0, count: rows * cols)
        let dropped = Array(Twins.dropped(before + o.x.wide, dropout).suffix(rows * cols))
        let sum = Twins.sum(o.residual.wide, dropped)
        let y = Twins.layerNorm(sum, weight: o.weight.wide, bias: o.bias.wide, epsilon: Self.epsilon)
        let twin = Twins.layerNormGradient(o.upstream.wide, x: sum, weight: o.weight.wide, epsilon: Self.epsilon)
        let dx = Array(Twins.dropped(before + twin.x, dropout).suffix(rows * cols))
        let expected = sum + y + twin.x + dx + twin.weight + twin.bias
        Harness.expect("add and norm \(rows)x\(cols) rate \(rate)", expected, absolute: 4e-5, relative: 4e-5) {
            fused(o, rows, cols, rate: rate)
        }
    }

    private func fused(_ o: Operands, _ rows: Int, _ cols: Int, rate: Double) -> [Float] {
        var mask = Self.key.mask(site: 5, rate: rate)
        let first = UInt64(rows * cols)
        var (mean, rstd) = ([Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows))
        var (dw, db) = ([Float](repeating: 0, count: cols), [Float](repeating: 0, count: cols))
        var (y, dx): ([Float], [Float]) = ([], [])
        return unsafe withUnsafePointer(to: &mask) { mask in
            let mask = unsafe rate == 0 ? nil : mask
            let s = unsafe Harness.output(count: rows * cols) { s in
                y = unsafe Harness.output(count: rows * cols) {
                    unsafe tk_add_layer_norm_forward(
                        o.x, o.residual, o.weight, o.bias, Self.epsilon, s, $0, &mean, &rstd, rows, cols, mask, first)
                }
            }
            let residual = unsafe Harness.output(count: rows * cols) { residual in
                dx = unsafe Harness.output(count: rows * cols) {
                    unsafe tk_add_layer_norm_backward(
                        o.upstream, s, mean, rstd, o.weight, residual, $0, &dw, &db, rows, cols, mask, first)
                }
            }
            return s + y + residual + dx + dw + db
        }
    }
}
