import CKernels
import Glibc
import Tensor
import Testing

@Suite struct ActivationKernelTests {
    typealias Harness = KernelHarness

    static let kinds: [(Activation, tk_activation)] = [
        (.none, TK_IDENTITY), (.gelu, TK_GELU), (.geluNew, TK_GELU_TANH), (.relu, TK_RELU), (.tanh, TK_TANH),
        (.swish, TK_SWISH),
    ]

    @Test(arguments: kinds.indices, Harness.sizes) func forwardEqualsTheTwin(kind: Int, n: Int) {
        let (activation, code) = Self.kinds[kind]
        let x = Harness.coarse(n, seed: 11, scale: 3)
        for type in KernelElement.allCases {
            let expected = x.wide.map { Twins.value(activation, $0) }
            Harness.expect("\(activation) \(type) \(n)", expected, relative: 1e-6 + type.rounding) {
                unsafe Harness.arrays(type, [x, Harness.blank(n)]) {
                    unsafe tk_bias_activation_forward(type.code, $0[0], nil, $0[1], 1, n, code)
                }[1]
            }
            Harness.expect("\(activation) \(type) \(n) in place", expected, relative: 1e-6 + type.rounding) {
                unsafe Harness.arrays(type, [x]) {
                    unsafe tk_bias_activation_forward(type.code, $0[0], nil, $0[0], 1, n, code)
                }[0]
            }
        }
    }

    /// Without an output, with one, and in both arrays that were read.
    @Test(arguments: kinds.indices, Harness.sizes) func backwardEqualsTheTwin(kind: Int, n: Int) {
        let (activation, code) = Self.kinds[kind]
        let (x, upstream) = (Harness.coarse(n, seed: 11, scale: 3), Harness.coarse(n, seed: 12))
        let values = x.wide.map { Twins.value(activation, $0) }
        let slopes = zip(x.wide, upstream.wide).map { Twins.derivative(activation, $0) * $1 }
        let blank = Harness.blank(n)
        for type in KernelElement.allCases {
            let relative = 1e-6 + type.rounding
            Harness.expect("\(activation) \(type) gradient \(n)", slopes, relative: relative) {
                unsafe Harness.arrays(type, [x, upstream]) {
                    unsafe tk_activation_backward(type.code, $0[0], $0[1], $0[1], nil, n, code)
                }[1]
            }
            Harness.expect("\(activation) \(type) both \(n)", slopes + values, relative: relative) {
                let results = unsafe Harness.arrays(type, [x, upstream, blank, blank]) {
                    unsafe tk_activation_backward(type.code, $0[0], $0[1], $0[2], $0[3], n, code)
                }
                return results[2] + results[3]
            }
            for target in 0...1 {
                Harness.expect("\(activation) \(type) both in place \(n)", slopes + values, relative: relative) {
                    let results = unsafe Harness.arrays(type, [x, upstream]) {
                        unsafe tk_activation_backward(type.code, $0[0], $0[1], $0[target], $0[1 - target], n, code)
                    }
                    return results[target] + results[1 - target]
                }
            }
        }
    }

    @Test(arguments: kinds.indices, [1, 16, 63]) func biasIsAddedToEveryRowAndKept(kind: Int, cols: Int) {
        let (activation, code) = Self.kinds[kind]
        let rows = 5
        let (x, bias) = (Harness.coarse(rows * cols, seed: 13), Harness.normal(cols, seed: 14))
        for type in KernelElement.allCases {
            // The activation is that of the sum as it is stored.
            let sums = type.rounded(x.indices.map { x[$0] + bias[$0 % cols] })
            Harness.expect("\(activation) \(type) sum", sums.wide, absolute: 0, relative: 0) {
                forward(x, bias, code, rows, cols, type).pre
            }
            let values = sums.wide.map { Twins.value(activation, $0) }
            Harness.expect("\(activation) \(type) with bias", values, relative: 1e-6 + type.rounding) {
                forward(x, bias, code, rows, cols, type).out
            }
        }
    }

    /// The forward pass need not keep its output when the backward pass wants it.
    @Test(arguments: kinds.indices) func backwardRecomputesTheBitsOfTheOutput(kind: Int) {
        let (activation, code) = Self.kinds[kind]
        let (rows, cols) = (3, 333)
        let (x, bias) = (Harness.coarse(rows * cols, seed: 17, scale: 4), Harness.normal(cols, seed: 18))
        for type in KernelElement.allCases {
            Harness.forEachVariant { variant in
                let (pre, out) = forward(x, bias, code, rows, cols, type)
                let again = unsafe Harness.arrays(type, [pre, Harness.blank(pre.count)]) {
                    unsafe tk_activation_backward(type.code, $0[0], $0[0], $0[0], $0[1], rows * cols, code)
                }[1]
                #expect(again == out, "\(activation) \(type) \(variant)")
            }
        }
    }

    private func forward(
        _ x: [Float], _ bias: [Float], _ code: tk_activation, _ rows: Int, _ cols: Int, _ type: KernelElement
    ) -> (pre: [Float], out: [Float]) {
        let results = unsafe Harness.arrays(type, [x, Harness.blank(x.count)]) {
            unsafe tk_bias_activation_forward(type.code, $0[0], bias, $0[1], rows, cols, code)
        }
        return (results[0], results[1])
    }

    /// A dense grid and the ends of the range: nothing cancels, also where results are tiny.
    @Test func functionsAreAccurateEverywhere() {
        let grid = (-12_000...12_000).map { Float($0) / 1000 }
        let n = grid.count
        Harness.expect("tanh", grid.wide.map(tanh), absolute: 1e-12, relative: 8 * 0x1p-24) {
            var pre = grid
            return unsafe Harness.output(count: n) {
                unsafe tk_bias_activation_forward(TK_FLOAT32, &pre, nil, $0, 1, n, TK_TANH)
            }
        }
        for (activation, code) in [(Activation.gelu, TK_GELU), (.geluNew, TK_GELU_TANH), (.swish, TK_SWISH)] {
            let expected = grid.wide.map { Twins.value(activation, $0) }
            Harness.expect("\(activation)", expected, absolute: 1e-12, relative: 2e-6) {
                var pre = grid
                return unsafe Harness.output(count: n) {
                    unsafe tk_bias_activation_forward(TK_FLOAT32, &pre, nil, $0, 1, n, code)
                }
            }
        }
        let wide = (-8730...8830).map { Float($0) / 100 }
        Harness.expect("exp", wide.wide.map(exp), absolute: 0, relative: 2 * 0x1p-24) {
            unsafe Harness.output(count: wide.count) { unsafe tk_exp(wide, $0, wide.count) }
        }
        Harness.expect("exp at the ends", [0, 0, 0, 1, .infinity, .infinity, .nan], relative: 0) {
            let ends: [Float] = [-.infinity, -10_000, -87.4, 0, 88.4, .infinity, .nan]
            return unsafe Harness.output(count: ends.count) { unsafe tk_exp(ends, $0, ends.count) }
        }
    }

    @Test(arguments: kinds.indices) func largeArgumentsStayFiniteAndNaNStaysNaN(kind: Int) {
        let (activation, code) = Self.kinds[kind]
        let ends: [Float] = KernelElement.bfloat16.rounded([-1e30, -1e4, -100, 100, 1e4, 1e30, .nan])
        let values = ends.dropLast().map { Twins.value(activation, Double($0)) } + [.nan]
        let slopes: [Double] = ends.map { x in
            if activation == .none { return 1 }
            if x.isNaN { return .nan }
            return activation == .tanh || x < 0 ? 0 : 1
        }
        let ones = [Float](repeating: 1, count: ends.count)
        for type in KernelElement.allCases {
            Harness.expect("\(activation) \(type) at the ends", values + values + slopes, absolute: 1e-6) {
                let forward = unsafe Harness.arrays(type, [ends, ones]) {
                    unsafe tk_bias_activation_forward(type.code, $0[0], nil, $0[1], 1, ends.count, code)
                }
                let backward = unsafe Harness.arrays(type, [ends, ones]) {
                    unsafe tk_activation_backward(type.code, $0[0], $0[1], $0[1], $0[0], ends.count, code)
                }
                return forward[1] + backward[0] + backward[1]
            }
        }
    }

    @Test(arguments: Harness.sizes) func tanhGradientComesFromItsOutput(n: Int) {
        let (y, upstream) = (Harness.normal(n, seed: 15, scale: 0.3), Harness.normal(n, seed: 16))
        Harness.expect("tanh backward \(n)", zip(y.wide, upstream.wide).map { $1 * (1 - $0 * $0) }) {
            unsafe Harness.output(count: n) { unsafe tk_tanh_backward(y, upstream, $0, n) }
        }
    }
}
