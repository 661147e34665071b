import CKernels
import Tensor
import Testing

@Suite struct NormalizationKernelTests {
    typealias Harness = KernelHarness

    /// Around four rows, which the backward pass takes at once, and beyond the 4096 elements that one mask has.
    static let shapes = [
        (0, 5), (4, 1), (3, 15), (2, 16), (5, 17), (9, 33), (1, 63), (7, 770), (2, 4100), (3, 0),
    ]
    static let epsilon = 1e-12
    private static let key = RandomKey(seed: 99, step: 7, shard: 2)

    struct Operands {
        let rows: Int
        let cols: Int
        let x: [Float]
        let residual: [Float]
        let weight: [Float]
        let bias: [Float]
        let upstream: [Float]

        init(_ rows: Int, _ cols: Int) {
            (self.rows, self.cols) = (rows, cols)
            // An offset: a one-pass variance would lose digits.
            x = KernelElement.bfloat16.rounded(KernelHarness.normal(rows * cols, seed: 21).map { $0 + 10 })
            residual = KernelHarness.coarse(rows * cols, seed: 22)
            weight = KernelHarness.normal(cols, seed: 23)
            bias = KernelHarness.normal(cols, seed: 24)
            upstream = KernelHarness.coarse(rows * cols, seed: 25)
        }
    }

    /// What both passes give: outputs of the element type, and sums that are always float32.
    struct Results {
        /// s and y.
        var forward: [Float] = []
        /// The gradients of s (or x), and of x.
        var backward: [Float] = []
        /// The gradients of weight and bias.
        var sums: [Float] = []
    }

    @Test(arguments: shapes, KernelElement.allCases) func passesEqualTheTwins(shape: (Int, Int), type: KernelElement) {
        let o = Operands(shape.0, shape.1)
        if o.cols <= 1 { return }
        let y = Twins.layerNorm(o.x.wide, weight: o.weight.wide, bias: o.bias.wide, epsilon: Self.epsilon)
        let twin = Twins.layerNormGradient(o.upstream.wide, x: o.x.wide, weight: o.weight.wide, epsilon: Self.epsilon)
        let starts = (Harness.normal(o.cols, seed: 26), Harness.normal(o.cols, seed: 27))
        let sums = Twins.sum(twin.weight, starts.0.wide) + Twins.sum(twin.bias, starts.1.wide)
        for inPlace in [false, true] {
            let run = { plain(o, type, starts, inPlace: inPlace) }
            let name = "layer norm \(type) \(shape) in place \(inPlace)"
            Harness.expect(name, y, absolute: 1e-5, relative: 1e-5 + type.rounding) { run().forward }
            Harness.expect(name, twin.x, absolute: 4e-5, relative: 4e-5 + type.rounding) { run().backward }
            Harness.expect(name, sums, absolute: 4e-5, relative: 4e-5) { run().sums }
        }
    }

    private func plain(
        _ o: Operands, _ type: KernelElement, _ starts: ([Float], [Float]), inPlace: Bool
    ) -> Results {
        var (mean, rstd) = ([Float](repeating: 0, count: o.rows), [Float](repeating: 0, count: o.rows))
        var (dw, db) = starts
        let results = unsafe Harness.arrays(
            type, [o.x, o.upstream, Harness.blank(o.x.count), Harness.blank(o.x.count)]
        ) {
            unsafe tk_layer_norm_forward(
                type.code, $0[0], o.weight, o.bias, Self.epsilon, $0[2], &mean, &rstd, o.rows, o.cols)
            unsafe tk_layer_norm_backward(
                type.code, $0[1], $0[0], mean, rstd, o.weight, $0[inPlace ? 1 : 3], &dw, &db, o.rows, o.cols)
        }
        return Results(forward: results[2], backward: results[inPlace ? 1 : 3], sums: dw + db)
    }

    /// The type decides how results are stored, not how they are computed.
    @Test(arguments: shapes) func bfloat16ResultsAreTheRoundedOnes(rows: Int, cols: Int) {
        let o = Operands(rows, cols)
        let starts = (Harness.normal(cols, seed: 26), Harness.normal(cols, seed: 27))
        Harness.forEachVariant { variant in
            let wide = plain(o, .float32, starts, inPlace: false)
            let narrow = plain(o, .bfloat16, starts, inPlace: false)
            #expect(narrow.forward == KernelElement.bfloat16.rounded(wide.forward), "\(rows)x\(cols) \(variant)")
            #expect(narrow.backward == KernelElement.bfloat16.rounded(wide.backward), "\(rows)x\(cols) \(variant)")
            #expect(narrow.sums == wide.sums, "\(rows)x\(cols) \(variant)")
        }
    }

    @Test(arguments: shapes, KernelElement.allCases) func outputsAreMadeAgainToTheBit(
        shape: (Int, Int), type: KernelElement
    ) {
        let o = Operands(shape.0, shape.1)
        Harness.forEachVariant { variant in
            var (mean, rstd) = ([Float](repeating: 0, count: o.rows), [Float](repeating: 0, count: o.rows))
            let results = unsafe Harness.arrays(
                type, [o.x, o.residual, Harness.blank(o.x.count), Harness.blank(o.x.count), Harness.blank(o.x.count)]
            ) {
                var mask = Self.key.mask(site: 5, rate: 0.1)
                unsafe tk_add_layer_norm_forward(
                    type.code, $0[0], $0[1], o.weight, o.bias, Self.epsilon, $0[2], $0[3], &mean, &rstd, o.rows,
                    o.cols, &mask, 5)
                unsafe tk_layer_norm_again(
                    type.code, $0[2], mean, rstd, o.weight, o.bias, $0[4], o.rows, o.cols)
            }
            #expect(results[4] == results[3], "\(shape) \(type) \(variant)")
        }
    }

    /// One column: the row minus its mean is zero, whatever the epsilon.
    @Test(arguments: KernelElement.allCases) func aConstantRowGivesTheBias(type: KernelElement) {
        let o = Operands(4, 1)
        let expected = [Double](repeating: Double(type.rounded(o.bias[0])), count: 4)
        Harness.expect("constant rows \(type)", expected) { plain(o, type, ([0], [0]), inPlace: false).forward }
    }

    @Test(arguments: shapes, [0.0, 0.25]) func fusedSumEqualsItsParts(shape: (Int, Int), rate: Double) {
        let o = Operands(shape.0, shape.1)
        if o.cols <= 1 { return }
        let dropout = Dropout(rate: rate, key: Self.key, site: 5)
        for type in KernelElement.allCases {
            // Twins number elements from 0; the kernel's numbers begin later, off the boundaries of random blocks.
            let skipped = o.rows * o.cols + 3
            let before = [Double](repeating: 0, count: skipped)
            let dropped = Array(Twins.dropped(before + o.x.wide, dropout).dropFirst(skipped))
            let sum = Twins.sum(o.residual.wide, dropped)
            let run = { fused(o, type, rate: rate, first: skipped, inPlace: $0) }
            let name = "add and norm \(type) \(shape) rate \(rate)"
            // What follows is of the sum as it is stored.
            let stored = Array(run(false).forward.prefix(sum.count)).wide
            let y = Twins.layerNorm(stored, weight: o.weight.wide, bias: o.bias.wide, epsilon: Self.epsilon)
            let twin = Twins.layerNormGradient(
                o.upstream.wide, x: stored, weight: o.weight.wide, epsilon: Self.epsilon)
            let dx = Array(Twins.dropped(before + twin.x, dropout).dropFirst(skipped))
            for inPlace in [false, true] {
                Harness.expect(name, sum, absolute: 4e-5, relative: 4e-5 + type.rounding) {
                    Array(run(inPlace).forward.prefix(sum.count))
                }
                Harness.expect(name, stored + y, absolute: 4e-5, relative: 4e-5 + type.rounding) {
                    run(inPlace).forward
                }
                Harness.expect(name, twin.x + dx, absolute: 4e-5, relative: 4e-5 + type.rounding) {
                    run(inPlace).backward
                }
                Harness.expect(name, twin.weight + twin.bias, absolute: 4e-5, relative: 4e-5) { run(inPlace).sums }
            }
        }
    }

    /// In place: s over the residual, its gradient over the upstream one, and without dropout dx over that too.
    private func fused(_ o: Operands, _ type: KernelElement, rate: Double, first: Int, inPlace: Bool) -> Results {
        var mask = Self.key.mask(site: 5, rate: rate)
        var (mean, rstd) = ([Float](repeating: 0, count: o.rows), [Float](repeating: 0, count: o.rows))
        var (dw, db) = ([Float](repeating: 0, count: o.cols), [Float](repeating: 0, count: o.cols))
        let (x, residual, upstream, y) = (0, 1, 2, 3)
        let (s, ds) = inPlace ? (residual, upstream) : (4, 5)
        let dx = inPlace && rate == 0 ? ds : 6
        let blank = Harness.blank(o.x.count)
        let initial = [o.x, o.residual, o.upstream, blank, blank, blank, blank]
        let results = unsafe withUnsafePointer(to: &mask) { mask in
            let mask = unsafe rate == 0 ? nil : mask
            return unsafe Harness.arrays(type, initial) {
                unsafe tk_add_layer_norm_forward(
                    type.code, $0[x], $0[residual], o.weight, o.bias, Self.epsilon, $0[s], $0[y], &mean, &rstd,
                    o.rows, o.cols, mask, UInt64(first))
                unsafe tk_add_layer_norm_backward(
                    type.code, $0[upstream], $0[s], mean, rstd, o.weight, $0[ds], $0[dx], &dw, &db, o.rows, o.cols,
                    mask, UInt64(first))
            }
        }
        return Results(forward: results[s] + results[y], backward: results[ds] + results[dx], sums: dw + db)
    }
}
