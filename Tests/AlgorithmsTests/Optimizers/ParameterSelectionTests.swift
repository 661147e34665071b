import Algorithms
import Tensor
import Testing

@Suite struct ParameterSelectionTests {
    static let names = [
        "bert.embeddings.word_embeddings.weight", "bert.encoder.layer.0.output.dense.weight",
        "bert.encoder.layer.10.output.dense.weight", "bert.encoder.layer.11.output.dense.weight", "cls.weight",
    ]

    @Test func patternsMatchFromTheStartOfAName() throws {
        #expect(try ParameterSelection().scales(of: Self.names, peak: 0.1) == [1, 1, 1, 1, 1])
        let top = ParameterSelection(trained: [#"cls\..*"#, #"bert\.encoder\.layer\.(10|11)\..*"#])
        #expect(try top.scales(of: Self.names, peak: 0.1) == [0, 0, 1, 1, 1])
        let frozen = ParameterSelection(frozen: ["bert.encoder.layer.1"])
        #expect(try frozen.scales(of: Self.names, peak: 0.1) == [1, 1, 0, 0, 1])
        // A pattern in the middle of a name is no match.
        #expect(throws: AlgorithmsError.self) {
            try ParameterSelection(frozen: ["encoder"]).scales(of: Self.names, peak: 0.1)
        }
    }

    @Test func ratesOfTheirOwnScaleTheOptimizersRate() throws {
        let section = try RunConfiguration.parse(
            yaml: """
                model: {preset: bert-base-uncased}
                optimizer: {name: sgd, learning_rate: 0.1, freeze: [bert.embeddings], rates: ['bert\\.encoder\\.layer\\.10=0.0005', bert=0.001]}
                """, file: "test"
        ).optimizer
        let selection = try ParameterSelection(section)
        let scales = try selection.scales(of: Self.names, peak: 0.1)
        #expect(scales[0] == 0 && scales[4] == 1)
        for (scale, expected) in [(scales[1], 0.01), (scales[2], 0.005), (scales[3], 0.01)] {
            #expect(abs(scale - expected) < 1e-12)
        }
    }

    @Test(arguments: ["rates: [bert]", "rates: [bert=x]", "rates: [bert=-1]", "train: ['(']", "freeze: ['[']"])
    func badPatternsAreNamed(text: String) throws {
        let yaml = "model: {preset: bert-base-uncased}\noptimizer: {\(text)}"
        let error = #expect(throws: ConfigurationError.self) { try RunConfiguration.parse(yaml: yaml, file: "test") }
        #expect(error?.key == "optimizer.\(text.prefix { $0 != ":" })")
    }

    /// SGD: w −= rate·scale·g, and nothing happens to what is frozen, weight decay included.
    @Test func optimizersLeaveFrozenParametersAlone() {
        let context = ComputeContext()
        let entries = ["a.weight", "b.weight", "c.weight"].map {
            ParameterEntry(name: $0, shape: [3], initializer: .ones)
        }
        func updated(_ make: (ParameterArena) -> any Optimizer) -> [[Float]] {
            let arena = ParameterArena(entries: entries, in: context)
            arena.initialize(seed: 1)
            arena.gradients.withMutableFloats { flat in for index in flat.indices { flat[index] = 1 } }
            make(arena).step(learningRate: 0.5, gradientScale: 1)
            return entries.map { arena[$0.name].floats() }
        }
        let scales: [Double] = [1, 0, 0.5]
        let sgd = updated { StochasticGradientDescent($0, weightDecay: 0.1, scales: scales) }
        #expect(sgd == [[0.45, 0.45, 0.45], [1, 1, 1], [0.725, 0.725, 0.725]])
        let adam = updated { AdamW($0, form: .torch, weightDecay: 0.1, scales: scales) }
        let lamb = updated { Lamb($0, weightDecay: 0.1, scales: scales) }
        for result in [adam, lamb] {
            #expect(result[1] == [1, 1, 1])
            #expect(abs((1 - result[2][0]) - (1 - result[0][0]) / 2) < 1e-6, "\(result)")
        }
    }
}
