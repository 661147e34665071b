import Models
import Tensor
import Testing

/// Where an encoder drops, and what decides which elements.
struct DropoutTests {
    /// Two uses of one layer.
    private func configuration(hidden: Double, attention: Double) -> AlbertConfiguration {
        var configuration = AlbertConfiguration()
        configuration.vocabularySize = 20
        configuration.embeddingSize = 4
        configuration.hiddenSize = 8
        configuration.headCount = 2
        configuration.intermediateSize = 16
        configuration.layerCount = 2
        configuration.hiddenDropoutRate = hidden
        configuration.attentionDropoutRate = attention
        return configuration
    }

    private static let key = RandomKey(seed: 3, step: 5, shard: 1)
    private static let layer = "albert.encoder.albert_layer_groups.0.albert_layers.0"

    /// The last hidden state of a model with golden weights, after some parameters were set to a constant.
    private func lastState(
        hidden: Double, attention: Double, key: RandomKey?, constants: [String: Float] = [:]
    ) throws -> [Float] {
        let context = ComputeContext(threads: 1)
        let model = try GoldenModels.model(
            .albert(configuration(hidden: hidden, attention: attention)), dtype: .float32, in: context)
        for (name, value) in constants {
            let parameter = model.parameters[name]
            parameter.copy(
                from: Tensor(Array(repeating: value, count: parameter.count), shape: parameter.shape, in: context))
        }
        let output = model.forward(
            GoldenModels.batch(dtype: .float32, in: context), dropout: key, keepingHiddenStates: true)
        return try #require(output.hiddenStates.last).floats()
    }

    /// Constants that make one place emit zeros, so that its dropout cannot show.
    private static let silent: [String: [String: Float]] = [
        "embeddings": ["albert.embeddings.LayerNorm.weight": 0, "albert.embeddings.LayerNorm.bias": 0],
        "attention output": ["\(layer).attention.dense.weight": 0, "\(layer).attention.dense.bias": 0],
        "feed-forward output": ["\(layer).ffn_output.weight": 0, "\(layer).ffn_output.bias": 0],
    ]

    @Test(arguments: ["embeddings", "attention output", "feed-forward output"])
    func everyHiddenPlaceDropsByItself(place: String) throws {
        var constants: [String: Float] = [:]
        for (name, values) in Self.silent where name != place { constants.merge(values) { $1 } }
        let dropped = try lastState(hidden: 0.5, attention: 0, key: Self.key, constants: constants)
        let whole = try lastState(hidden: 0.5, attention: 0, key: nil, constants: constants)
        #expect(dropped != whole, "nothing was dropped at the \(place)")
    }

    @Test func aModelWhosePlacesAreSilentDropsNothing() throws {
        var constants: [String: Float] = [:]
        for (_, values) in Self.silent { constants.merge(values) { $1 } }
        let dropped = try lastState(hidden: 0.5, attention: 0.5, key: Self.key, constants: constants)
        #expect(try dropped == lastState(hidden: 0.5, attention: 0.5, key: nil, constants: constants))
    }

    @Test func attentionProbabilitiesDropAtTheirOwnRate() throws {
        #expect(try lastState(hidden: 0, attention: 0.5, key: Self.key) != lastState(hidden: 0, attention: 0, key: nil))
    }

    @Test func seedStepAndShardDecideAndNothingElse() throws {
        func state(_ key: RandomKey?) throws -> [Float] { try lastState(hidden: 0.3, attention: 0.3, key: key) }
        let first = try state(Self.key)
        #expect(try first == state(Self.key))
        for other in [
            RandomKey(seed: 4, step: 5, shard: 1), RandomKey(seed: 3, step: 6, shard: 1),
            RandomKey(seed: 3, step: 5, shard: 2),
        ] {
            #expect(try first != state(other))
        }
    }

    @Test func noTwoPlacesShareASite() {
        let plan = DropoutPlan(key: Self.key, configuration(hidden: 0.1, attention: 0.1))
        var sites = [plan.embeddings?.site]
        for use in 0..<24 {
            sites += [
                plan.attentionProbabilities(use: use)?.site, plan.attentionOutput(use: use)?.site,
                plan.feedForwardOutput(use: use)?.site,
            ]
        }
        #expect(!sites.contains(nil))
        #expect(Set(sites).count == 1 + 3 * 24)
    }

    @Test func withoutAKeyOrARateThereIsNoDropout() {
        let evaluation = DropoutPlan(key: nil, configuration(hidden: 0.1, attention: 0.1))
        #expect(evaluation.embeddings == nil && evaluation.attentionProbabilities(use: 0) == nil)
        let halves = DropoutPlan(key: Self.key, configuration(hidden: 0.1, attention: 0))
        #expect(halves.attentionProbabilities(use: 1) == nil && halves.feedForwardOutput(use: 1)?.rate == 0.1)
    }
}
