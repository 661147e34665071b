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

    @Test(arguments: kinds.indices, Harness.sizes) func forwardAndBackwardEqualTheTwin(kind: Int, n: Int) {
        let (activation, code) = Self.kinds[kind]
        let x = Harness.normal(n, seed: 11, scale: 3)
        let upstream = Harness.normal(n, seed: 12)
        Harness.expect("\(activation) \(n)", x.wide.map { Twins.value(activation, $0) }) {
            var pre = x
            return unsafe Harness.output(count: n) { unsafe tk_bias_activation_forward(&pre, nil, $0, 1, n, code) }
        }
        let slopes = zip(x.wide, upstream.wide).map { Twins.derivative(activation, $0) * $1 }
        Harness.expect("\(activation) gradient \(n)", slopes) {
            unsafe Harness.output(upstream) { unsafe tk_activation_backward(x, $0, $0, n, code) }
        }
    }

    @Test(arguments: kinds.indices, [1, 16, 63]) func biasIsAddedToEveryRowAndKept(kind: Int, cols: Int) {
        let (activation, code) = Self.kinds[kind]
        let rows = 5
        let (x, bias) = (Harness.normal(rows * cols, seed: 13), Harness.normal(cols, seed: 14))
        let shifted = Twins.sumOfRows(x.wide, repeating: bias.wide)
        Harness.expect("\(activation) with bias", shifted + shifted.map { Twins.value(activation, $0) }) {
            var out: [Float] = []
            let pre = unsafe Harness.output(x) { pre in
                out = unsafe Harness.output(count: rows * cols) {
                    unsafe tk_bias_activation_forward(pre, bias, $0, rows, cols, code)
                }
            }
            return pre + out
        }
    }

    /// A dense grid and the ends of the range: nothing cancels, also where results are tiny.
    @Test func functionsAreAccurateEverywhere() {
        let grid = (-12_000...12_000).map { Float($0) / 1000 }
        let n = grid.count
        Harness.expect("tanh", grid.wide.map(tanh), absolute: 1e-12, relative: 8 * 0x1p-24) {
            var pre = grid
            return unsafe Harness.output(count: n) { unsafe tk_bias_activation_forward(&pre, nil, $0, 1, n, TK_TANH) }
        }
        for (activation, code) in [(Activation.gelu, TK_GELU), (.geluNew, TK_GELU_TANH), (.swish, TK_SWISH)] {
            let expected = grid.wide.map { Twins.value(activation, $0) }
            Harness.expect("\(activation)", expected, absolute: 1e-12, relative: 2e-6) {
                var pre = grid
                return unsafe Harness.output(count: n) { unsafe tk_bias_activation_forward(&pre, nil, $0, 1, n, code) }
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
        let ends: [Float] = [-1e30, -1e4, -100, 100, 1e4, 1e30, .nan]
        let values = ends.dropLast().map { Twins.value(activation, Double($0)) } + [.nan]
        Harness.expect("\(activation) at the ends", values, absolute: 1e-6) {
            var pre = ends
            return unsafe Harness.output(count: ends.count) {
                unsafe tk_bias_activation_forward(&pre, nil, $0, 1, ends.count, code)
            }
        }
        let slopes: [Double] = ends.map { x in
            if activation == .none { return 1 }
            if x.isNaN { return .nan }
            return activation == .tanh || x < 0 ? 0 : 1
        }
        Harness.expect("\(activation) slope at the ends", slopes) {
            let ones = [Float](repeating: 1, count: ends.count)
            return unsafe Harness.output(ones) { unsafe tk_activation_backward(ends, ones, $0, ends.count, code) }
        }
    }

    @Test(arguments: Harness.sizes) func tanhGradientComesFromItsOutput(n: Int) {
        let (y, upstream) = (Harness.normal(n, seed: 15, scale: 0.3), Harness.normal(n, seed: 16))
        Harness.expect("tanh backward \(n)", zip(y.wide, upstream.wide).map { $1 * (1 - $0 * $0) }) {
            unsafe Harness.output(count: n) { unsafe tk_tanh_backward(y, upstream, $0, n) }
        }
    }
}
