import CKernels
import Tensor
import Testing

@Suite struct ElementwiseKernelTests {
    typealias Harness = KernelHarness

    @Test(arguments: Harness.sizes) func arithmeticEqualsTheTwin(n: Int) {
        let (a, b) = (Harness.normal(n, seed: 1), Harness.normal(n, seed: 2))
        Harness.expect("add \(n)", Twins.sum(a.wide, b.wide)) {
            unsafe Harness.output(count: n) { unsafe tk_add(a, b, $0, n) }
        }
        Harness.expect("mul \(n)", zip(a.wide, b.wide).map { $0 * $1 }) {
            unsafe Harness.output(count: n) { unsafe tk_mul(a, b, $0, n) }
        }
        Harness.expect("axpy \(n)", zip(a.wide, b.wide).map { $1 - 0.75 * $0 }) {
            unsafe Harness.output(b) { unsafe tk_axpy(-0.75, a, $0, n) }
        }
        Harness.expect("scale \(n)", a.wide.map { 3 * $0 }) {
            unsafe Harness.output(count: n) { unsafe tk_scale(3, a, $0, n) }
        }
        Harness.expect("fill \(n)", [Double](repeating: 0.5, count: n)) {
            unsafe Harness.output(count: n) { unsafe tk_fill(0.5, $0, n) }
        }
    }

    @Test(arguments: Harness.sizes) func anOutputMayBeAnInput(n: Int) {
        let (a, b) = (Harness.normal(n, seed: 1), Harness.normal(n, seed: 2))
        Harness.expect("add in place \(n)", Twins.sum(a.wide, b.wide)) {
            unsafe Harness.output(a) { unsafe tk_add($0, b, $0, n) }
        }
        Harness.expect("scale in place \(n)", a.wide.map { -2 * $0 }) {
            unsafe Harness.output(a) { unsafe tk_scale(-2, $0, $0, n) }
        }
    }

    @Test(arguments: Harness.sizes) func sumsAreThoseOfDoubles(n: Int) {
        let (a, b) = (Harness.normal(n, seed: 3, scale: 100), Harness.normal(n, seed: 4))
        let sum = a.wide.reduce(0, +)
        let squares = a.wide.reduce(0) { $0 + $1 * $1 }
        let dot = zip(a.wide, b.wide).reduce(0) { $0 + $1.0 * $1.1 }
        var first: [Double]?
        Harness.forEachVariant { variant in
            let sums = unsafe [tk_sum(a, n), tk_sum_of_squares(a, n), tk_dot(a, b, n)]
            for (got, want) in zip(sums, [sum, squares, dot]) {
                #expect(abs(got - want) <= 1e-12 * squares, "\(variant), n = \(n)")
            }
            if let first { #expect(first == sums, "bits of \(variant), n = \(n)") }
            first = first ?? sums
        }
    }

    @Test(arguments: Harness.sizes) func bfloat16RoundsToNearestEven(n: Int) {
        let special: [Float] = [
            0, -0.0, .infinity, -.infinity, .nan, .greatestFiniteMagnitude, 1.00390625, 1.01171875, 1.0039063,
            -3.1415927,
            .leastNonzeroMagnitude, 0x1.2345p-130, -0x1.018p-127, Float(bitPattern: 0x7f80_0001),
        ]
        let values = Array((special + Harness.normal(1000, seed: 9, scale: 1e3)).prefix(n))
        let expected = values.map { value in
            if value.isNaN { return Double.nan }
            // Exact in double: the neighbours in bfloat16 are the values with the low half cut, and the one above.
            let low = Float(bitPattern: value.bitPattern & 0xffff_0000)
            let high = Float(bitPattern: (value.bitPattern & 0xffff_0000) &+ 0x1_0000)
            let middle = value.bitPattern & 0xffff
            if middle == 0x8000 { return Double(low.bitPattern & 0x1_0000 == 0 ? low : high) }
            return Double(middle < 0x8000 ? low : high)
        }
        Harness.expect("bfloat16 \(n)", expected, absolute: 0, relative: 0) {
            var halves = [UInt16](repeating: 0, count: n + 1)
            unsafe tk_bfloat16_from_float(values, &halves, n)
            #expect(halves[n] == 0)
            return unsafe Harness.output(count: n) { unsafe tk_float_from_bfloat16(halves, $0, n) }
        }
    }
}
