import Models
import Tensor
import TestSupport
import Testing

/// Laws of the pretraining models that need no reference numbers.
struct PretrainingModelTests {
    static let seed: UInt64 = 7

    private func model(_ configuration: ModelConfiguration, in context: ComputeContext) -> EncoderModel {
        EncoderModel(configuration, head: .pretraining, seed: Self.seed, dtype: .float64, in: context)
    }

    /// Sequence `b` of a batch of four, with as many masked positions as its number.
    private func batch(_ sequences: [Int32], in context: ComputeContext) -> PretrainingBatch {
        let length = 6
        var ids: [Int32] = []
        var rows: [Int32] = []
        var targets: [Int32] = []
        for (index, sequence) in sequences.enumerated() {
            ids += (0..<Int32(length)).map { ($0 * 3 + sequence * 5) % 19 + 1 }
            rows += (0..<sequence).map { Int32(index * length) + $0 }
            targets += (0..<sequence).map { ($0 + 2 * sequence) % 20 }
        }
        return PretrainingBatch(
            inputIDs: ids, segmentIDs: ids.map { $0 % 2 }, attention: ids.map { _ in 1 },
            batchSize: sequences.count, maskedRows: rows, maskedIDs: targets,
            maskedWeights: rows.map { _ in 1 }, pairLabels: sequences.map { $0 % 2 }, dtype: .float64, in: context)
    }

    @Test(arguments: [GoldenModels.albert, GoldenModels.bert()])
    func shardsAddUpToTheWholeBatch(configuration: ModelConfiguration) throws {
        let context = ComputeContext(threads: 1)
        let model = model(configuration, in: context)
        // Shares of 0, 1, 2 and 3 masked positions: means of means would be wrong.
        let denominators = (prediction: PretrainingLoss.predictionDenominator(weight: 6), pair: 4.0)
        func run(_ shards: [[Int32]]) -> (loss: Double, sums: PretrainingSums, gradients: [Double]) {
            model.parameters.zeroGradients()
            var total = PretrainingSums()
            var loss = 0.0
            for shard in shards {
                let batch = batch(shard, in: context)
                let part = PretrainingLoss.compute(
                    model.forward(batch, dropout: nil), batch, predictionDenominator: denominators.prediction,
                    pairDenominator: denominators.pair)
                part.loss.backward()
                loss += part.loss.item()
                total += part.sums
            }
            return (loss, total, model.parameters.gradients.doubles())
        }
        let whole = run([[0, 1, 2, 3]])
        let parts = run([[0], [3, 1], [2]])
        #expect(abs(whole.loss - parts.loss) < 1e-12, "seed \(Self.seed)")
        #expect(whole.sums.maskedLMWeight == 6 && parts.sums.maskedLMWeight == 6)
        #expect(whole.sums.pairCount == 4 && parts.sums.pairCount == 4)
        #expect(whole.sums.maskedLMCorrect == parts.sums.maskedLMCorrect)
        #expect(whole.sums.pairCorrect == parts.sums.pairCorrect)
        #expect(abs(whole.sums.maskedLMLossSum - parts.sums.maskedLMLossSum) < 1e-12)
        #expect(
            abs(whole.loss - whole.sums.maskedLMLossSum / (6 + 1e-5) - whole.sums.pairLossSum / 4) < 1e-12,
            "seed \(Self.seed)")
        let problem = difference(parts.gradients, whole.gradients, tolerance: 1e-12)
        #expect(problem == nil, "seed \(Self.seed): \(problem ?? "")")
        #expect(whole.gradients.contains { $0 != 0 })
    }

    @Test(arguments: [GoldenModels.albert, GoldenModels.bert()])
    func aPredictionWithoutWeightChangesNothing(configuration: ModelConfiguration) throws {
        let context = ComputeContext(threads: 1)
        let model = try GoldenModels.model(configuration, dtype: .float64, in: context)
        func loss(fillers: Int) -> Double {
            let batch = PretrainingBatch(
                inputIDs: GoldenPretraining.ids, segmentIDs: GoldenPretraining.segments,
                attention: GoldenPretraining.attention, batchSize: 1,
                maskedRows: GoldenPretraining.maskedRows + Array(repeating: 0, count: fillers),
                maskedIDs: GoldenPretraining.maskedIDs + Array(repeating: 0, count: fillers),
                maskedWeights: [1, 1] + Array(repeating: 0, count: fillers), pairLabels: [1], dtype: .float64,
                in: context)
            let (loss, sums) = PretrainingLoss.compute(
                model.forward(batch, dropout: nil), batch, predictionDenominator: 2, pairDenominator: 1)
            #expect(sums.maskedLMWeight == 2)
            return loss.item()
        }
        #expect(abs(loss(fillers: 3) - loss(fillers: 0)) < 1e-14)
    }

    @Test func aSharedLayerHasOneGradientForAllItsUses() throws {
        let context = ComputeContext(threads: 1)
        var configuration = AlbertConfiguration()
        configuration.hiddenSize = 8
        configuration.embeddingSize = 4
        configuration.headCount = 2
        configuration.intermediateSize = 16
        configuration.vocabularySize = 20
        configuration.layerCount = 4
        configuration.groupCount = 2
        let names = ModelConfiguration.albert(configuration).parameterEntries().map(\.name)
        #expect(names.count(where: { $0.contains("albert_layer_groups") }) == 2 * 16)
        let model = model(.albert(configuration), in: context)
        let batch = batch([2, 2], in: context)
        let output = model.forward(batch, dropout: nil)
        PretrainingLoss.compute(output, batch, predictionDenominator: 4, pairDenominator: 2).loss.backward()
        for name in names {
            let gradient = try #require(model.parameters[name].gradient)
            #expect(norm(gradient) > 0, "no gradient reached \(name), seed \(Self.seed)")
        }
    }
}
