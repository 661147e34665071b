import Models
import Tensor
import Testing

/// Models of which only some parameters are trained.
struct FreezingTests {
    static let families = [GoldenModels.bert(), GoldenModels.albert, GoldenModels.distilbert, GoldenModels.roberta]
    static let head = ModelHead.sequenceClassification(labels: 3)
    static let key = RandomKey(seed: 5, step: 1, shard: 0)

    /// The loss and all gradients by name of one pass with dropout, frozen as told.
    private func run(
        _ configuration: ModelConfiguration, computeType: DType? = nil, checkpointing: Bool = false,
        thenThawing: Bool = false, frozen: (String) -> Bool
    ) throws -> (loss: Double, gradients: [String: [Double]], operations: Int) {
        let context = ComputeContext(threads: 1)
        var configuration = configuration
        configuration.encoder.hiddenDropoutRate = 0.3
        let entries = configuration.parameterEntries(head: Self.head)
        let parameters = ParameterArena(
            entries: entries, dtype: computeType == nil ? .float64 : .float32, computeType: computeType, in: context)
        parameters.initialize(seed: 3)
        parameters.refreshWeights()
        let model = EncoderModel(configuration, head: Self.head, parameters: parameters)
        try model.freeze(where: frozen)
        if thenThawing { try model.freeze { _ in false } }
        let input = try EncoderInput(
            [(ids: [2, 5, 7, 3], typeIDs: [0, 0, 0, 0]), (ids: [2, 9, 3], typeIDs: [0, 0, 0])], for: configuration,
            in: context)
        let before = context.memory.statistics.bytesInUse
        let logits = model.sequenceLogits(
            input, ForwardOptions(dropout: Self.key, checkpointing: checkpointing))
        let kept = context.memory.statistics.bytesInUse - before
        let loss = ClassificationLoss.crossEntropy(logits, labels: [2, 0], denominator: 2).loss
        loss.backward()
        var gradients: [String: [Double]] = [:]
        for entry in entries { gradients[entry.name] = parameters[entry.name].gradient?.doubles() ?? [] }
        return (loss.item(), gradients, kept)
    }

    /// All below the last layer, and all but the last layer's output, in the words of each family.
    private static func isBelowTheTop(_ name: String) -> Bool {
        name.contains("embeddings") || name.contains("layer.0.") || name.contains("attention")
    }

    @Test(arguments: families, [DType?.none, .bfloat16])
    func frozenParametersGetNoGradientAndTheOthersTheSame(
        configuration: ModelConfiguration, computeType: DType?
    ) throws {
        let whole = try run(configuration, computeType: computeType) { _ in false }
        let part = try run(configuration, computeType: computeType, frozen: Self.isBelowTheTop)
        #expect(part.loss == whole.loss, "dropout should go on where parameters are frozen")
        for (name, gradient) in part.gradients {
            if Self.isBelowTheTop(name) {
                #expect(gradient.allSatisfy { $0 == 0 }, "\(name) has a gradient")
            } else {
                #expect(gradient == whole.gradients[name], "\(name) has another gradient")
            }
        }
        #expect(part.gradients.contains { !Self.isBelowTheTop($0.key) && $0.value.contains { $0 != 0 } })
    }

    @Test(arguments: families) func checkpointingChangesNothing(configuration: ModelConfiguration) throws {
        let stored = try run(configuration, frozen: Self.isBelowTheTop)
        let recomputed = try run(configuration, checkpointing: true, frozen: Self.isBelowTheTop)
        #expect(stored.loss == recomputed.loss && stored.gradients == recomputed.gradients)
    }

    @Test(arguments: families) func thawingGivesAllGradientsBack(configuration: ModelConfiguration) throws {
        let whole = try run(configuration) { _ in false }
        let thawed = try run(configuration, thenThawing: true) { _ in true }
        #expect(thawed.gradients == whole.gradients)
    }

    /// Only the head is live: the encoder keeps nothing for a backward pass.
    @Test(arguments: families, [false, true])
    func aFrozenEncoderKeepsNothingAlive(configuration: ModelConfiguration, checkpointing: Bool) throws {
        let prefix = try #require(configuration.parameterEntries(head: .none).first?.name.split(separator: ".").first)
        let whole = try run(configuration, checkpointing: checkpointing) { _ in false }
        let part = try run(configuration, checkpointing: checkpointing) { $0.hasPrefix(prefix + ".") }
        #expect(part.operations < whole.operations / 4, "\(part.operations) of \(whole.operations) bytes")
        #expect(part.loss == whole.loss)
        #expect(part.gradients["classifier.weight"] == whole.gradients["classifier.weight"])
    }

    @Test func aPartOfTheJoinedWeightsIsRefused() throws {
        let context = ComputeContext(threads: 1)
        let model = EncoderModel(GoldenModels.bert(), head: .none, seed: 1, in: context)
        #expect {
            try model.freeze { $0.hasSuffix("self.key.weight") }
        } throws: {
            "\($0)".contains("layer.0.attention.self.key.weight' is frozen and")
                && "\($0)".contains("layer.0.attention.self.query.weight' is not")
        }
        #expect(model.parameters.frozenNames.isEmpty)
        // Weights and biases are joined apart.
        try model.freeze { $0.hasSuffix(".weight") }
        #expect(model.parameters.frozenNames.count == model.parameters.entries.count { $0.name.hasSuffix(".weight") })
    }
}
