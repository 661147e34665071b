import Models
import Tensor
import Testing

/// What rounding matrices and activations to bfloat16 does to loss and gradients.
struct BFloat16Tests {
    static let seed: UInt64 = 5

    private static var albert: ModelConfiguration {
        var configuration = AlbertConfiguration()
        configuration.vocabularySize = 64
        configuration.embeddingSize = 16
        configuration.hiddenSize = 48
        configuration.layerCount = 3
        configuration.headCount = 3
        configuration.intermediateSize = 96
        configuration.maximumPositions = 40
        configuration.initializerRange = 0.1
        return .albert(configuration)
    }

    private static var bert: ModelConfiguration {
        var configuration = BertConfiguration()
        configuration.vocabularySize = 64
        configuration.hiddenSize = 48
        configuration.layerCount = 3
        configuration.headCount = 3
        configuration.intermediateSize = 96
        configuration.maximumPositions = 40
        configuration.initializerRange = 0.1
        configuration.hiddenDropoutRate = 0
        configuration.attentionDropoutRate = 0
        return .bert(configuration)
    }

    private func run(
        _ configuration: ModelConfiguration, computeType: DType?
    ) -> (logits: [Double], loss: Double, gradients: [Double]) {
        let context = ComputeContext(threads: 2)
        let model = EncoderModel(
            configuration, head: .pretraining, seed: Self.seed, computeType: computeType, in: context)
        let batch = RandomBatches.batch(lengths: [33, 9, 40, 17, 2], vocabulary: 64, seed: Self.seed, in: context)
        return RandomBatches.run(model, batch, ForwardOptions())
    }

    /// Rounding to 8 significant bits changes a number by 2⁻⁹ = 0.2 % at most. Layer normalisation resets the scale
    /// after each half of a layer, so a dozen independent roundings in a row add up to about 0.2 %·√12 ≈ 0.7 % of a
    /// hidden state; the mean over the predictions loses most of that again. Gradients meet as many roundings twice.
    @Test(arguments: [albert, bert])
    func lossAndGradientsStayCloseToThoseOfFloat32(configuration: ModelConfiguration) {
        let full = run(configuration, computeType: nil)
        let rounded = run(configuration, computeType: .bfloat16)
        #expect(rounded.logits != full.logits, "nothing was rounded")
        #expect(abs(rounded.loss - full.loss) < 0.01 * full.loss, "\(rounded.loss), \(full.loss), seed \(Self.seed)")
        let product = zip(rounded.gradients, full.gradients).reduce(0) { $0 + $1.0 * $1.1 }
        func length(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let cosine = product / (length(rounded.gradients) * length(full.gradients))
        #expect(cosine > 0.99, "cosine \(cosine), seed \(Self.seed)")
        let ratio = length(rounded.gradients) / length(full.gradients)
        #expect(abs(ratio - 1) < 0.03, "lengths have the ratio \(ratio), seed \(Self.seed)")
    }

    @Test func logitsAndGradientsAreFloat32() {
        let context = ComputeContext(threads: 1)
        let model = EncoderModel(Self.albert, head: .pretraining, seed: Self.seed, computeType: .bfloat16, in: context)
        let batch = RandomBatches.batch(lengths: [9, 4], vocabulary: 64, seed: Self.seed, in: context)
        let output = model.forward(batch, dropout: nil)
        #expect(output.predictionLogits.dtype == .float32 && output.pairLogits.dtype == .float32)
        #expect(model.parameters.gradients.dtype == .float32 && model.parameters.values.dtype == .float32)
    }

    /// The rounded copy follows the weights only when it is told to.
    @Test func weightsAreReadAnewWhenTheCopyIsRefreshed() {
        let context = ComputeContext(threads: 1)
        let model = EncoderModel(Self.bert, head: .pretraining, seed: Self.seed, computeType: .bfloat16, in: context)
        let batch = RandomBatches.batch(lengths: [9, 4], vocabulary: 64, seed: Self.seed, in: context)
        func logits() -> [Double] { model.forward(batch, dropout: nil).pairLogits.doubles() }
        let before = logits()
        model.parameters["cls.seq_relationship.weight"].fillWithZeros()
        #expect(logits() == before)
        model.parameters.refreshWeights()
        #expect(logits() != before)
    }
}
