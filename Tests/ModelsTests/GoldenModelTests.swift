import Models
import Tensor
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
}
