import Models
import Tensor
import TestSupport
import Testing

/// Outputs, losses and gradient norms of tiny models whose weights and input are given by formulas; the expected
/// digits were computed independently in float64, with padding that is dropped here.
struct GoldenModelTests {
    /// The printed digits are eight (outputs) or ten (losses, norms); half a unit of the eighth plus rounding.
    static let cases: [(dtype: DType, tolerance: Double)] = [(.float64, 1.1e-8), (.float32, 1e-5)]

    private func expect(
        _ name: String, _ got: some Collection<Double>, _ expected: [Double], _ tolerance: Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let problem = difference(got, expected, tolerance: tolerance)
        #expect(problem == nil, "\(name): \(problem ?? "")", sourceLocation: sourceLocation)
    }

    @Test(arguments: cases) func bertMatchesTheGoldens(dtype: DType, tolerance: Double) throws {
        let context = ComputeContext(threads: 1)
        let model = try GoldenModels.model(GoldenModels.bert(), dtype: dtype, in: context)
        #expect(model.parameters.entries.count == 46)
        let batch = GoldenModels.batch(dtype: dtype, in: context)
        let output = model.forward(batch, dropout: nil, keepingHiddenStates: true)
        let states = output.hiddenStates.map { $0.doubles() }
        #expect(states.count == 3)
        expect("embeddings", states[0][0..<4], [0.44822554, -1.29252678, -0.17723602, 1.51274852], tolerance)
        expect("after layer 1", states[1][0..<4], [0.39538121, -1.82352196, -0.66113623, 1.30869004], tolerance)
        expect("last[0]", states[2][0..<4], [0.59634282, -1.48188370, -0.87435190, 0.97907471], tolerance)
        expect("last[5]", states[2][40..<44], [0.98929652, 0.10070822, -1.50209030, -0.16648926], tolerance)
        expect("pooled", output.pooled.doubles()[0..<4], [0.17698541, -0.74339184, -0.71882042, 0.03139201], tolerance)
        expect(
            "masked-LM logits", output.predictionLogits.doubles()[0..<4],
            [-0.42521389, -0.24530496, 0.14836117, 0.14767211], tolerance)
        expect("pair logits", output.pairLogits.doubles(), [-0.06480407, -0.29350542], tolerance)

        let (loss, sums) = PretrainingLoss.compute(output, batch, predictionDenominator: 2, pairDenominator: 1)
        expect(
            "losses", [sums.maskedLMLossSum / 2, sums.pairLossSum, loss.item()],
            [3.1272369806, 0.8140216924, 3.9412586730], tolerance)
        #expect(sums.maskedLMWeight == 2 && sums.pairCount == 1 && sums.pairCorrect == 0)
        loss.backward()
        let gradient = { name in norm(model.parameters[name].gradient ?? Tensor(zeros: [1], in: context)) }
        expect(
            "gradient norms",
            [
                norm(model.parameters.gradients), gradient("bert.embeddings.position_embeddings.weight"),
                gradient("bert.embeddings.word_embeddings.weight"),
                gradient("bert.encoder.layer.0.attention.self.query.weight"),
            ], [3.1805104171, 0.4649126319, 2.1080625918, 0.0402421266], tolerance)
    }

    @Test(arguments: cases) func albertMatchesTheGoldens(dtype: DType, tolerance: Double) throws {
        let context = ComputeContext(threads: 1)
        let model = try GoldenModels.model(GoldenModels.albert, dtype: dtype, in: context)
        #expect(model.parameters.entries.count == 32)
        let batch = GoldenModels.batch(dtype: dtype, in: context)
        let output = model.forward(batch, dropout: nil, keepingHiddenStates: true)
        let states = output.hiddenStates.map { $0.doubles() }
        #expect(states.count == 4)
        expect("mapped embeddings", states[0][0..<4], [0.05946281, 0.19175512, 0.12172793, 0.40558083], tolerance)
        expect("after layer 1", states[1][0..<4], [-0.68679977, -0.08078127, -0.32258564, -0.07607430], tolerance)
        expect("last[0]", states[3][0..<4], [-1.17588318, -0.27547469, 0.20789586, -0.61789171], tolerance)
        expect("last[5]", states[3][40..<44], [-1.17247655, -1.07927728, 0.00263021, -0.63054130], tolerance)
        expect("pooled", output.pooled.doubles()[0..<4], [-0.30307669, 0.28527179, 0.69936202, 0.53797330], tolerance)
        expect(
            "masked-LM logits", output.predictionLogits.doubles()[0..<4],
            [0.02244997, 0.00263357, -0.39974857, -0.53283373], tolerance)
        expect("pair logits", output.pairLogits.doubles(), [0.28415535, -0.20345726], tolerance)

        let (loss, sums) = PretrainingLoss.compute(output, batch, predictionDenominator: 2, pairDenominator: 1)
        expect(
            "losses", [sums.maskedLMLossSum / 2, sums.pairLossSum, loss.item()],
            [2.9785206135, 0.9663843857, 3.9449049992], tolerance)
        loss.backward()
        let gradient = { name in norm(model.parameters[name].gradient ?? Tensor(zeros: [1], in: context)) }
        expect(
            "gradient norms",
            [
                norm(model.parameters.gradients), gradient("albert.embeddings.position_embeddings.weight"),
                gradient("albert.embeddings.word_embeddings.weight"),
                gradient("albert.encoder.albert_layer_groups.0.albert_layers.0.attention.query.weight"),
            ], [2.1763469357, 0.0556098622, 1.1525259403, 0.0004554246], tolerance)
    }

    @Test(arguments: cases) func bertWithTheTanhActivationMatches(dtype: DType, tolerance: Double) throws {
        let context = ComputeContext(threads: 1)
        let model = try GoldenModels.model(GoldenModels.bert(.geluNew), dtype: dtype, in: context)
        let output = model.forward(
            GoldenModels.batch(dtype: dtype, in: context), dropout: nil, keepingHiddenStates: true)
        let last = try #require(output.hiddenStates.last).doubles()
        expect("last[0]", last[0..<4], [0.59632232, -1.48189176, -0.87434507, 0.97906753], tolerance)
    }

    @Test(arguments: cases) func bertWithoutMaskAndTypesMatches(dtype: DType, tolerance: Double) throws {
        let context = ComputeContext(threads: 1)
        let model = try GoldenModels.model(GoldenModels.bert(), dtype: dtype, in: context)
        let output = model.forward(
            GoldenModels.batch(dtype: dtype, plain: true, in: context), dropout: nil, keepingHiddenStates: true)
        let last = try #require(output.hiddenStates.last).doubles()
        expect("last[0]", last[0..<4], [0.58154353, -1.39789203, -0.80289418, 0.99356157], tolerance)
    }

    /// The golden ids up to the padding, and their types.
    private static let sequence = (
        ids: Array(GoldenPretraining.ids.prefix(6)), typeIDs: Array(GoldenPretraining.segments.prefix(6))
    )

    @Test(arguments: cases) func bertAnswersMatchTheGoldens(dtype: DType, tolerance: Double) throws {
        let context = ComputeContext(threads: 1)
        let model = try GoldenModels.model(GoldenModels.bert(), head: .questionAnswering, dtype: dtype, in: context)
        #expect(model.parameters.entries.count == 39)
        let input = try EncoderInput([Self.sequence], for: model.configuration, in: context)
        let logits = model.spanLogits(input).doubles()
        let starts = [
            0.17886889, 0.99770810, 0.13240993, -1.01505536, -1.01480100, -0.76100704, 1.00077223, 0.98960529,
        ]
        let ends = [
            -0.95801879, 0.16953341, 0.98554435, -0.58341883, -0.68843447, -1.14692689, 0.18047646, 0.79959689,
        ]
        expect("starts", (0..<6).map { logits[2 * $0] }, Array(starts[0..<6]), tolerance)
        expect("ends", (0..<6).map { logits[2 * $0 + 1] }, Array(ends[0..<6]), tolerance)
        // The golden loss is over all eight places, with padding.
        let padded = Tensor(zip(starts, ends).flatMap { [$0, $1] }, shape: [8, 2], dtype: dtype, in: context)
        let (loss, sums) = ClassificationLoss.spans(
            padded, SequenceOffsets(lengths: [8]), starts: [4], ends: [5], denominators: (1, 1))
        expect("loss", [loss.item(), (sums.start.loss + sums.end.loss) / 2], [3.4098829605, 3.4098829605], tolerance)
    }

    private func expectMaskedLM(
        _ configuration: ModelConfiguration, _ sequence: (ids: [Int32], typeIDs: [Int32]), count: Int, last: [Double],
        logits: [Double], loss: Double, norms: [(name: String?, value: Double)], _ dtype: DType, _ tolerance: Double
    ) throws {
        let context = ComputeContext(threads: 1)
        let model = try GoldenModels.model(configuration, head: .maskedLM, dtype: dtype, in: context)
        #expect(model.parameters.entries.count == count)
        let input = try EncoderInput([sequence], for: configuration, in: context)
        expect("last[0]", model.encode(input).lastHidden.doubles()[0..<4], last, tolerance)
        let predictions = model.maskedLMLogits(input, rows: GoldenPretraining.maskedRows)
        expect("masked-LM logits", predictions.doubles()[0..<4], logits, tolerance)
        let (objective, sums) = ClassificationLoss.crossEntropy(
            predictions, labels: GoldenPretraining.maskedIDs, denominator: 2)
        expect("loss", [objective.item(), sums.loss / 2], [loss, loss], tolerance)
        objective.backward()
        for (name, value) in norms {
            let gradient = name.map { model.parameters[$0].gradient } ?? model.parameters.gradients
            expect("gradient of \(name ?? "all")", [norm(try #require(gradient))], [value], tolerance)
        }
    }

    @Test(arguments: cases) func distilbertMatchesTheGoldens(dtype: DType, tolerance: Double) throws {
        try expectMaskedLM(
            GoldenModels.distilbert, Self.sequence, count: 41,
            last: [-1.37368400, -0.29719681, 2.13322629, 0.56230533],
            logits: [-0.11548372, 0.09359006, 0.39490647, 0.10971545], loss: 3.0326689330,
            norms: [
                (nil, 2.3777236287), ("distilbert.embeddings.position_embeddings.weight", 0.2600361197),
                ("distilbert.embeddings.word_embeddings.weight", 1.8591900310),
                ("distilbert.transformer.layer.0.attention.q_lin.weight", 0.0189565175),
            ], dtype, tolerance)
    }

    @Test(arguments: cases) func robertaMatchesTheGoldens(dtype: DType, tolerance: Double) throws {
        try expectMaskedLM(
            GoldenModels.roberta, (ids: [0, 5, 7, 2, 9, 2], typeIDs: [0, 0, 0, 0, 0, 0]), count: 42,
            last: [0.30054285, -1.76447815, -0.61228273, 1.23227717],
            logits: [0.28347098, 0.16480334, -0.22431294, -0.15054809], loss: 2.9867750067,
            norms: [
                (nil, 2.8327488428), ("roberta.embeddings.position_embeddings.weight", 0.9113282897),
                ("roberta.embeddings.word_embeddings.weight", 2.0255829466),
                ("roberta.encoder.layer.0.attention.self.query.weight", 0.0248702367),
            ], dtype, tolerance)
    }
}
