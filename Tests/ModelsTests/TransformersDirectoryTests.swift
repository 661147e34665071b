import Foundation
import Models
import Tensor
import TestSupport
import Testing

/// Whether `transformers` itself opens what we write. Runs where `TROUPE_PYTHON` names a Python that has it.
struct TransformersDirectoryTests {
    static let python = ProcessInfo.processInfo.environment["TROUPE_PYTHON"]
    static let trainedModel = ProcessInfo.processInfo.environment["TROUPE_MODEL"]

    @Test(
        .enabled(if: python != nil, "TROUPE_PYTHON names no Python with torch and transformers"),
        .timeLimit(.minutes(2)),
        arguments: [GoldenModels.albert, GoldenModels.bert()])
    func transformersReadsOurDirectoryAndComputesOurLogits(configuration: ModelConfiguration) throws {
        // Weights of the size of trained ones: a lost tensor would hide behind initial biases of 0 and logits near 0.
        let model = try GoldenModels.model(configuration, dtype: .float32, in: ComputeContext(threads: 1))
        try withTemporaryDirectory { directory in
            try ModelDirectory.save(configuration, model.parameters, to: "\(directory)/model")
            try compare(model, in: "\(directory)/model", scratch: directory)
        }
    }

    @Test(
        .enabled(
            if: python != nil && trainedModel != nil,
            "TROUPE_PYTHON and TROUPE_MODEL name no Python with transformers and no trained model"),
        .timeLimit(.minutes(2)))
    func transformersComputesTheLogitsOfATrainedModel() throws {
        let directory = try #require(Self.trainedModel)
        let (model, _) = try ModelDirectory.load(directory, in: ComputeContext(threads: 1))
        try withTemporaryDirectory { try compare(model, in: directory, scratch: $0) }
    }

    /// Lets `transformers` open `directory` and compare its logits for the golden input with those of `model`.
    private func compare(_ model: EncoderModel, in directory: String, scratch: String) throws {
        let python = try #require(Self.python)
        let batch = GoldenModels.batch(dtype: .float32, in: model.parameters.values.context)
        let output = model.forward(batch, dropout: nil)
        func row(_ values: [Int32]) -> JSONValue { .array([.array(values.map { .integer(Int($0)) })]) }
        func rows(_ tensor: Tensor) -> JSONValue {
            let (values, width) = (tensor.doubles(), tensor.shape.width)
            return .array(
                stride(from: 0, to: values.count, by: width).map { start in
                    .array(values[start..<start + width].map { .real($0) })
                })
        }
        let logits: [String: JSONValue] = [
            "input_ids": row(GoldenPretraining.ids), "attention_mask": row(GoldenPretraining.attention),
            "token_type_ids": row(GoldenPretraining.segments),
            "rows": .array(GoldenPretraining.maskedRows.map { .integer(Int($0)) }),
            "prediction_logits": rows(output.predictionLogits), "pair_logits": rows(output.pairLogits),
        ]
        let json = "\(scratch)/logits.json"
        try Data(JSONValue.object(logits).text().utf8).write(to: URL(filePath: json))
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../scripts/verify_model_directory.py").standardized
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [script.path(), directory, json]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "the script's own message is on standard error")
    }
}
