import Algorithms
import Tensor
import Testing

@Suite struct OptimizerTests {
    /// The rules of the worked example, with weights and bias after each of two steps.
    enum Rule: String, CaseIterable, Sendable {
        case lambAlbert, lambBiasCorrected, lambNVLAMB, adamWBert, adamWTransformers3, adamWTorch

        func make(_ arena: ParameterArena) -> any Optimizer {
            var section = OptimizerSection()
            section.name = [.lambAlbert, .lambBiasCorrected, .lambNVLAMB].contains(self) ? .lamb : .adamw
            section.form =
                switch self {
                case .lambAlbert: .albert
                case .lambBiasCorrected: .biasCorrected
                case .lambNVLAMB: .nvlamb
                case .adamWBert: .bert
                case .adamWTransformers3: .hf3
                case .adamWTorch: .torch
                }
            return section.makeOptimizer(for: arena)
        }

        var expected: [(weight: [Double], bias: [Double])] {
            switch self {
            case .lambAlbert:
                [
                    (
                        [0.496875047053, -0.296877270410, 0.096879618695, 0.196878069587],
                        [-0.021603781441, 0.011613276168]
                    ),
                    (
                        [0.493847804949, -0.296435616832, 0.091851039296, 0.194962112208],
                        [-0.064011038219, 0.010459548767]
                    ),
                ]
            case .lambBiasCorrected:
                [
                    (
                        [0.496870490635, -0.296876726413, 0.096882966137, 0.196879834438],
                        [1.900621656552e-07, -0.010000095032]
                    ),
                    (
                        [0.493831313092, -0.296424256727, 0.091863674250, 0.194961036548],
                        [-0.009983101093, -0.010271642898]
                    ),
                ]
            case .lambNVLAMB:
                [
                    (
                        [0.496870490635, -0.296876726413, 0.096882966137, 0.196879834438],
                        [0.009841886868, -0.019841885366]
                    ),
                    (
                        [0.493831313092, -0.296424256727, 0.091863674250, 0.194961036548],
                        [0.009620482154, -0.019847907626]
                    ),
                ]
            case .adamWBert:
                [
                    (
                        [0.468328490453, -0.268351024257, 0.068374824202, 0.168359123942],
                        [-0.021603781441, 0.011613276168]
                    ),
                    (
                        [0.444011090484, -0.264805720801, 0.027979078473, 0.152969559339],
                        [-0.064011038219, 0.010459548767]
                    ),
                ]
            case .adamWTransformers3:
                [
                    (
                        [0.489951400638, -0.289972201817, 0.089993403345, 0.189981600945],
                        [6.006797310e-06, -0.010003004301]
                    ),
                    (
                        [0.484191706248, -0.289115332941, 0.080481168795, 0.186345504356],
                        [-0.009973129998, -0.010274495655]
                    ),
                ]
            case .adamWTorch:
                [
                    (
                        [0.489950012671, -0.289970038013, 0.089990076026, 0.189980019007],
                        [1.900621657e-07, -0.010000095032]
                    ),
                    (
                        [0.484189530306, -0.289113010847, 0.080476014831, 0.186343366596],
                        [-0.009983101093, -0.010271642898]
                    ),
                ]
            }
        }
    }

    private static func agree(_ left: [Double], _ right: [Double], _ tolerance: Double) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= tolerance }
    }

    @Test(arguments: Rule.allCases, [DType.float64, .float32])
    func twoStepsGiveThePublishedNumbers(rule: Rule, dtype: DType) {
        let example = WorkedExample(dtype)
        let found = example.run(rule.make(example.arena))
        for (step, (found, expected)) in zip(found, rule.expected).enumerated() {
            #expect(Self.agree(found.weight, expected.weight, dtype.stepTolerance), "step \(step): \(found.weight)")
            #expect(Self.agree(found.bias, expected.bias, dtype.stepTolerance), "step \(step): \(found.bias)")
        }
    }

    @Test func lambReportsRatiosAndDirections() {
        let example = WorkedExample(.float64)
        let optimizer = Lamb(example.arena)
        let clip = GradientClip(norm: 1, form: .tf)
        let expected: [(norm: Double, ratio: Double, direction: Double)] = [
            (3.801315561750, 0.098667635087, 6.329327740416), (0.438748219370, 0.124474112242, 4.972964164199),
        ]
        for (step, expected) in expected.enumerated() {
            let norm = example.setGradients(step)
            #expect(abs(norm - expected.norm) < 1e-11)
            optimizer.step(learningRate: 0.01, gradientScale: clip.scale(globalNorm: norm))
            #expect(abs(optimizer.trustRatios[0] - expected.ratio) < 1e-11)
            #expect(abs(optimizer.directionNorms[0] - expected.direction) < 1e-11)
            #expect(optimizer.trustRatios[1] == 1)
            if step == 0 { #expect(abs(optimizer.directionNorms[1] - 4.470121062588) < 1e-11) }
        }
        #expect(optimizer.updateCount == 2)
    }

    @Test func lambFormsReportTheirRatios() {
        let expected: [(form: LambForm, ratios: [[Double]])] = [
            (.biasCorrected, [[0.311394359309, 1], [0.527527431844, 1]]),
            (.nvlamb, [[0.311394359309, 0.015811613691], [0.527527431844, 0.022177527533]]),
        ]
        for (form, ratios) in expected {
            let example = WorkedExample(.float64)
            let optimizer = Lamb(example.arena, form: form)
            for (step, ratios) in ratios.enumerated() {
                let scale = GradientClip(norm: 1, form: .tf).scale(globalNorm: example.setGradients(step))
                optimizer.step(learningRate: 0.01, gradientScale: scale)
                #expect(Self.agree(optimizer.trustRatios, ratios, 1e-11), "step \(step): \(optimizer.trustRatios)")
            }
        }
    }

    @Test func aParameterOfZerosIsAdaptedByOne() {
        let arena = ParameterArena(
            entries: [ParameterEntry(name: "weight", shape: [3], initializer: .zeros)], dtype: .float64,
            in: ComputeContext())
        let optimizer = Lamb(arena)
        optimizer.step(learningRate: 0.1, gradientScale: 1)
        #expect(optimizer.trustRatios == [1])
        #expect(arena["weight"].doubles() == [0, 0, 0])
    }

    @Test func namesDecideDecay() {
        let excluded = [
            "albert.embeddings.LayerNorm.weight", "encoder.full_layer_layer_norm.weight", "predictions.bias",
            "cls/predictions/output_bias", "sa_layer_norm.bias",
        ]
        for name in excluded { #expect(!DecayRule.standard.decays(name), "\(name)") }
        for name in ["embeddings.word_embeddings.weight", "pooler.weight", "layernorm.weight"] {
            #expect(DecayRule.standard.decays(name), "\(name)")
        }
    }

    @Test func clippingFormsDiffer() {
        let tf = GradientClip(norm: 1, form: .tf)
        let torch = GradientClip(norm: 1, form: .torch)
        #expect(tf.scale(globalNorm: 4) == 0.25)
        #expect(tf.scale(globalNorm: 0.5) == 1)
        #expect(tf.scale(globalNorm: 0) == 1)
        #expect(torch.scale(globalNorm: 4) == 1 / 4.000001)
        #expect(torch.scale(globalNorm: 0.9999999) == 1 / 1.0000009)
        #expect(torch.scale(globalNorm: 0.5) == 1)
        #expect(GradientClip(norm: nil, form: .tf).scale(globalNorm: 1e9) == 1)
    }

    @Test func momentumFollowsItsRecurrence() {
        for dtype in [DType.float64, .float32] {
            let example = WorkedExample(dtype)
            let optimizer = StochasticGradientDescent(example.arena, momentum: 0.9, weightDecay: 0.1)
            let found = example.run(optimizer)
            var (weight, bias) = ([0.5, -0.3, 0.1, 0.2], [0.01, -0.02])
            var (weightVelocity, biasVelocity) = ([0.0, 0, 0, 0], [0.0, 0])
            for (step, gradient) in WorkedExample.gradients.enumerated() {
                let scale = step == 0 ? 1 / 3.8013155617496424 : 1
                for i in 0..<4 {
                    weightVelocity[i] = 0.9 * weightVelocity[i] + gradient.weight[i] * scale + 0.1 * weight[i]
                    weight[i] -= 0.01 * weightVelocity[i]
                }
                for i in 0..<2 {
                    biasVelocity[i] = 0.9 * biasVelocity[i] + gradient.bias[i] * scale
                    bias[i] -= 0.01 * biasVelocity[i]
                }
                #expect(Self.agree(found[step].weight, weight, dtype.stepTolerance))
                #expect(Self.agree(found[step].bias, bias, dtype.stepTolerance))
            }
        }
    }

    /// A large arena with odd sizes, so that blocks end inside parameters.
    private static func large(threads: Int) -> ParameterArena {
        let arena = ParameterArena(
            entries: [
                ParameterEntry(name: "a.weight", shape: [301, 211], initializer: .normal(std: 0.5)),
                ParameterEntry(name: "a.bias", shape: [17], initializer: .normal(std: 0.5)),
                ParameterEntry(name: "b.weight", shape: [40_001], initializer: .normal(std: 0.5)),
            ], in: ComputeContext(threads: threads))
        arena.initialize(seed: 3)
        return arena
    }

    private static func fillGradients(_ arena: ParameterArena, step: Int) {
        arena.gradients.withMutableFloats { gradients in
            for index in 0..<gradients.count {
                gradients[index] = Float((index * 7919 + step * 104_729) % 2003) / 1000 - 1
            }
        }
    }

    @Test(arguments: Rule.allCases)
    func bitsDoNotDependOnTheNumberOfThreads(rule: Rule) {
        let results = [1, 2, 3].map { threads in
            let arena = Self.large(threads: threads)
            let optimizer = rule.make(arena)
            let norm = GradientNorm(arena)
            var norms: [Double] = []
            for step in 0..<3 {
                Self.fillGradients(arena, step: step)
                norms.append(norm.global)
                optimizer.step(learningRate: 0.01, gradientScale: 1 / norms[step])
            }
            return (norms, weightsDigest(arena), optimizerDigest(optimizer))
        }
        #expect(results[1] == results[0])
        #expect(results[2] == results[0])
    }

    @Test func normsArePerParameterAndGlobal() {
        let arena = Self.large(threads: 2)
        Self.fillGradients(arena, step: 1)
        let norms = GradientNorm(arena)
        let gradients = arena.gradients.doubles()
        let squares = arena.ranges.map { gradients[$0].reduce(0) { $0 + $1 * $1 } }
        for (found, square) in zip(norms.parameters, squares) {
            #expect(abs(found - square.squareRoot()) < 1e-9 * found)
        }
        #expect(abs(norms.global - squares.reduce(0, +).squareRoot()) < 1e-9 * norms.global)
    }
}
