import CKernels
import Glibc
import Tensor
import Testing

@Suite struct OptimizerKernelTests {
    typealias Harness = KernelHarness

    private static let (beta1, beta2, epsilon, decay, rate) = (0.9, 0.999, 1e-6, 0.01, 0.01)

    struct State {
        var g: [Float]
        var m: [Float]
        var v: [Float]
        var w: [Float]

        init(_ n: Int) {
            g = KernelHarness.normal(n, seed: 51)
            m = KernelHarness.normal(n, seed: 52, scale: 0.1)
            v = KernelHarness.normal(n, seed: 53, scale: 0.1).map { $0 * $0 }
            w = KernelHarness.normal(n, seed: 54)
        }

        /// m and v after a step with gradient `scale` * g.
        func moments(scale: Double) -> (m: [Double], v: [Double]) {
            let (b1, b2) = (OptimizerKernelTests.beta1, OptimizerKernelTests.beta2)
            let gradient = g.wide.map { scale * $0 }
            return (
                zip(m.wide, gradient).map { b1 * $0 + (1 - b1) * $1 },
                zip(v.wide, gradient).map { b2 * $0 + (1 - b2) * $1 * $1 }
            )
        }
    }

    @Test(arguments: Harness.sizes) func momentsEqualTheTwin(n: Int) {
        let state = State(n)
        let twin = state.moments(scale: 0.5)
        Harness.expect("moments \(n)", twin.m + twin.v, absolute: 1e-8) {
            var m = state.m
            let v = unsafe Harness.output(state.v) {
                unsafe tk_moments(state.g, 0.5, &m, $0, n, Self.beta1, Self.beta2)
            }
            return m + v
        }
    }

    @Test(arguments: Harness.sizes, [1.0, 1.5]) func directionAndNormsEqualTheTwin(n: Int, correction: Double) {
        let state = State(n)
        let direction = state.w.indices.map { i in
            correction * Double(state.m[i]) / (sqrt(2 * correction * Double(state.v[i])) + Self.epsilon)
                + Self.decay * Double(state.w[i])
        }
        let squares = [state.w.wide, direction].map { $0.reduce(0) { $0 + $1 * $1 } }
        Harness.expect("direction \(n)", direction + squares, absolute: 1e-5, relative: 1e-5) {
            var norms = tk_norms()
            let u = unsafe Harness.output(count: n) {
                norms = unsafe tk_adam_direction(
                    state.m, state.v, state.w, $0, n, correction, 2 * correction, Self.epsilon, Self.decay)
            }
            return u + [Float(norms.weights), Float(norms.direction)]
        }
    }

    @Test(arguments: Harness.sizes) func adamWEqualsItsThreeForms(n: Int) {
        let state = State(n)
        let (mc, vc) = (1 / (1 - pow(Self.beta1, 3)), 1 / (1 - pow(Self.beta2, 3)))
        let (m, v) = state.moments(scale: 0.5)
        let (rate, decay, eps) = (Self.rate, Self.decay, Self.epsilon)
        let forms: [(tk_adamw_form, (Double, Double, Double) -> Double)] = [
            (TK_ADAMW_BERT, { w, m, v in w - rate * (m / (sqrt(v) + eps) + decay * w) }),
            (
                TK_ADAMW_TRANSFORMERS,
                { w, m, v in (w - rate * mc / sqrt(vc) * m / (sqrt(v) + eps)) * (1 - rate * decay) }
            ),
            (TK_ADAMW_TORCH, { w, m, v in w * (1 - rate * decay) - rate * mc * m / (sqrt(vc * v) + eps) }),
        ]
        for (form, update) in forms {
            let w = state.w.indices.map { update(Double(state.w[$0]), m[$0], v[$0]) }
            Harness.expect("AdamW form \(form.rawValue), \(n)", m + v + w) {
                var options = tk_adamw_options(
                    form: form, rate: rate, beta1: Self.beta1, beta2: Self.beta2, eps: eps, decay: decay,
                    m_correction: mc, v_correction: vc)
                var (m, v) = (state.m, state.v)
                let w = unsafe Harness.output(state.w) { unsafe tk_adamw(state.g, 0.5, &m, &v, $0, n, &options) }
                return m + v + w
            }
        }
    }

    /// Two steps by hand: W 2x2 with decay, gradients clipped to global norm 1 in the first step.
    @Test func adamWReproducesAWorkedExample() {
        let gradients: [[Float]] = [[3, -1, 0.5, 2], [-0.1, 0.2, 0.3, -0.2]]
        let forms: [(tk_adamw_form, [Double])] = [
            (TK_ADAMW_BERT, [0.444011090484, -0.264805720801, 0.027979078473, 0.152969559339]),
            (TK_ADAMW_TRANSFORMERS, [0.484191706248, -0.289115332941, 0.080481168795, 0.186345504356]),
            (TK_ADAMW_TORCH, [0.484189530306, -0.289113010847, 0.080476014831, 0.186343366596]),
        ]
        for (form, expected) in forms {
            Harness.expect("worked example of form \(form.rawValue)", expected, absolute: 1e-6, relative: 0) {
                var (m, v) = ([Float](repeating: 0, count: 4), [Float](repeating: 0, count: 4))
                return unsafe Harness.output([0.5, -0.3, 0.1, 0.2]) { w in
                    for (step, scale) in [1 / 3.801315561750, 1].enumerated() {
                        let t = Double(step + 1)
                        var options = tk_adamw_options(
                            form: form, rate: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-6, decay: 0.01,
                            m_correction: 1 / (1 - pow(0.9, t)), v_correction: 1 / (1 - pow(0.999, t)))
                        unsafe tk_adamw(gradients[step], scale, &m, &v, w, 4, &options)
                    }
                }
            }
        }
    }

    @Test(arguments: Harness.sizes, [0.0, 0.9]) func sgdEqualsTheTwin(n: Int, momentum: Double) {
        let state = State(n)
        let speed = state.w.indices.map { i in
            momentum * Double(state.m[i]) + 0.5 * Double(state.g[i]) + Self.decay * Double(state.w[i])
        }
        Harness.expect("SGD \(n), momentum \(momentum)", zip(state.w.wide, speed).map { $0 - 0.1 * $1 }) {
            var velocity = state.m
            return unsafe Harness.output(state.w) { w in
                if momentum == 0 {
                    unsafe tk_sgd(state.g, 0.5, nil, w, n, 0.1, 0, Self.decay)
                } else {
                    unsafe tk_sgd(state.g, 0.5, &velocity, w, n, 0.1, momentum, Self.decay)
                    #expect(zip(velocity.wide, speed).allSatisfy { abs($0 - $1) < 1e-6 })
                }
            }
        }
    }
}
