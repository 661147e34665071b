import Algorithms
import Models
import Tensor
import TestSupport
import Testing

/// Three LAMB steps of a tiny ALBERT whose weights and input are given by formulas; the expected digits were computed
/// independently in float64.
@Suite struct GoldenLambTests {
    private static let ratios: [(name: String, values: [Double])] = [
        ("albert.embeddings.word_embeddings.weight", [0.04494234, 0.03492915, 0.03712775]),
        ("albert.pooler.weight", [0.04493100, 0.03445680, 0.03243105]),
        (
            "albert.encoder.albert_layer_groups.0.albert_layers.0.attention.query.weight",
            [0.12893447, 0.11928521, 0.08639874]
        ),
    ]

    private static func makeModel(_ dtype: DType) throws -> EncoderModel {
        let yaml = """
            model:
              type: albert
              vocab_size: 20
              embedding_size: 4
              hidden_size: 8
              num_hidden_layers: 3
              num_attention_heads: 2
              intermediate_size: 16
              max_position_embeddings: 12
            """
        let configuration = try RunConfiguration.parse(yaml: yaml, file: "golden.yaml").model.configuration
        let arena = ParameterArena(entries: configuration.parameterEntries(), dtype: dtype, in: ComputeContext())
        let values = GoldenPretraining.values(of: arena.entries.map { ($0.name, $0.shape.count) })
        for entry in arena.entries {
            let numbers = try #require(values[entry.name])
            let tensor = arena[entry.name]
            tensor.copy(
                from: dtype == .float64
                    ? Tensor(numbers, shape: entry.shape, in: tensor.context)
                    : Tensor(numbers.map { Float($0) }, shape: entry.shape, in: tensor.context))
        }
        return EncoderModel(configuration, head: .pretraining, parameters: arena)
    }

    private static func loss(of model: EncoderModel) -> Tensor {
        let values = model.parameters.values
        let batch = PretrainingBatch(
            inputIDs: GoldenPretraining.ids, segmentIDs: GoldenPretraining.segments,
            attention: GoldenPretraining.attention, batchSize: 1, maskedRows: GoldenPretraining.maskedRows,
            maskedIDs: GoldenPretraining.maskedIDs, maskedWeights: [1, 1], pairLabels: [GoldenPretraining.pairLabel],
            dtype: values.dtype, in: values.context)
        return PretrainingLoss.compute(
            model.forward(batch, dropout: nil), batch, predictionDenominator: 2, pairDenominator: 1
        ).loss
    }

    @Test(arguments: [(DType.float64, 1e-8), (.float32, 2e-5)])
    func threeStepsGiveTheGoldenLossesNormsAndRatios(dtype: DType, tolerance: Double) throws {
        let model = try Self.makeModel(dtype)
        let optimizer = Lamb(model.parameters)
        let clip = GradientClip(norm: 1, form: .tf)
        let losses = [3.9449049992, 3.7527115364, 3.7211020592]
        let norms = [2.1763469357, 2.1881261464, 2.1623837705]
        for step in 0..<3 {
            model.parameters.zeroGradients()
            let loss = Self.loss(of: model)
            loss.backward()
            let norm = GradientNorm(model.parameters).global
            #expect(abs(loss.item() - losses[step]) < tolerance, "step \(step): loss \(loss.item())")
            #expect(abs(norm - norms[step]) < tolerance, "step \(step): norm \(norm)")
            optimizer.step(learningRate: 0.01, gradientScale: clip.scale(globalNorm: norm))
            for (name, values) in Self.ratios {
                let entry = try #require(model.parameters.entries.firstIndex { $0.name == name })
                let ratio = optimizer.trustRatios[entry]
                #expect(abs(ratio - values[step]) < tolerance, "step \(step): ratio \(ratio) of \(name)")
            }
        }
        let last = Self.loss(of: model).item()
        #expect(abs(last - 3.4927678608) < tolerance, "after the third step: loss \(last)")
    }
}
