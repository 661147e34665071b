import Foundation
import Models
import Tensor
import Testing

/// Every logit, hidden state and gradient of small random models against `transformers`
/// (scripts/goldens/pretraining_models.py wrote the fixtures, in float64).
struct TransformersParityTests {
    static let families = ["albert", "bert"]
    static let cases: [(family: String, dtype: DType, tolerance: Double)] = families.flatMap {
        [($0, DType.float64, 1e-11), ($0, .float32, 2e-5)]
    }

    @Test(arguments: cases)
    func outputsAndGradientsAgree(family: String, dtype: DType, tolerance: Double) throws {
        let url = try #require(
            Bundle.module.url(
                forResource: "\(family)-pretraining", withExtension: "safetensors", subdirectory: "Fixtures"))
        let file = try SafetensorsFile(path: url.path())
        let text = try #require(file.metadata["header"])
        let header = try JSONValue.parseObject(Data(text.utf8), source: url.lastPathComponent)
        guard case .object(let keys)? = header["config"] else {
            Issue.record("\(url.lastPathComponent) has no configuration")
            return
        }
        let configuration = try ModelConfiguration(keys: keys, source: url.lastPathComponent)
        let context = ComputeContext(threads: 1)
        let parameters = ParameterArena(entries: configuration.parameterEntries(), dtype: dtype, in: context)
        let stored = Set(
            file.entries.compactMap { entry in
                entry.name.hasPrefix("weight/") ? String(entry.name.dropFirst(7)) : nil
            })
        #expect(stored == Set(parameters.entries.map(\.name)))
        var weights: [String: [Double]] = [:]
        for entry in parameters.entries { weights[entry.name] = try file.doubles("weight/\(entry.name)") }
        GoldenModels.fill(parameters, weights)
        let model = EncoderModel(configuration, head: .pretraining, parameters: parameters)

        let ids = { (name: String) in try file.doubles("input/\(name)").map { Int32($0) } }
        let rows = try ids("masked_rows")
        let pairs = try ids("pair_labels")
        let mask = try ids("mask")
        let batch = PretrainingBatch(
            inputIDs: try ids("ids"), segmentIDs: try ids("types"), attention: mask,
            batchSize: pairs.count, maskedRows: rows, maskedIDs: try ids("masked_ids"),
            maskedWeights: Array(repeating: 1, count: rows.count), pairLabels: pairs, dtype: dtype, in: context)
        let output = model.forward(batch, dropout: nil, keepingHiddenStates: true)

        func expect(_ name: String, _ got: Tensor, _ tensor: String, perToken: Bool = false) throws {
            var expected = try file.doubles(tensor)
            if perToken {
                // Theirs has rows for padding too.
                let width = expected.count / mask.count
                expected = mask.indices.filter { mask[$0] != 0 }.flatMap { expected[$0 * width..<($0 + 1) * width] }
            }
            let problem = difference(got.doubles(), expected, tolerance: tolerance)
            #expect(problem == nil, "\(family) \(dtype) \(name): \(problem ?? "")")
        }
        try expect("prediction logits", output.predictionLogits, "output/prediction_logits")
        try expect("pair logits", output.pairLogits, "output/pair_logits")
        for (index, state) in output.hiddenStates.enumerated() {
            try expect("hidden state \(index)", state, "hidden/\(index)", perToken: true)
        }
        #expect(file.entry("hidden/\(output.hiddenStates.count)") == nil)

        let (loss, _) = PretrainingLoss.compute(
            output, batch, predictionDenominator: Double(rows.count), pairDenominator: Double(pairs.count))
        try expect("loss", loss, "output/loss")
        loss.backward()
        for entry in parameters.entries {
            let gradient = try #require(parameters[entry.name].gradient)
            try expect("gradient of \(entry.name)", gradient, "gradient/\(entry.name)")
        }
    }
}
