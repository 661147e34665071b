import Foundation
import Models
import Tensor
import Testing

struct ModelConversionTests {
    private func path(_ name: String) throws -> String { try CheckpointFixtures.path(name) }

    @Test(
        arguments: [
            ("bert-sharded", nil, "bert.safetensors"), ("bert-sharded-bin", nil, "bert.safetensors"),
            ("bert-first", nil, "bert.safetensors"),
            ("bert-tensorflow/model.ckpt", "bert-tensorflow/bert_config.json", "bert-tensorflow/expected.safetensors"),
            ("albert-tensorflow", "albert-tensorflow/albert_config.json", "albert-tensorflow/expected.safetensors"),
        ] as [(String, String?, String)])
    func everyFormatBecomesADirectoryOfTransformers(weights: String, configuration: String?, expected: String) throws {
        let expected = try SafetensorsFile(path: path(expected))
        let conversion = try ModelConversion(weights: path(weights), configuration: configuration.map(path))
        #expect(conversion.head == .pretraining && conversion.report.missing.isEmpty)
        try withTemporaryDirectory { directory in
            let model = "\(directory)/model"
            try conversion.write(to: model)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: model).sorted() == [
                    "config.json", "model.safetensors",
                ])
            // Tied tensors once, layer norms under their present names, kernels as [out, in].
            let file = try SafetensorsFile(path: "\(model)/model.safetensors")
            #expect(file.names.sorted() == expected.names.sorted())
            for name in expected.names {
                #expect(file.entry(name)?.shape == expected.entry(name)?.shape, "\(name)")
                #expect(try file.floats(name) == expected.floats(name), "\(name)")
            }
            let family = weights.hasPrefix("albert") ? "Albert" : "Bert"
            let keys = try JSONValue.parseObject(Data(contentsOf: URL(filePath: "\(model)/config.json")), source: "")
            #expect(keys["architectures"] == .array([.string("\(family)ForPreTraining")]))
            #expect(keys["hidden_act"] == .string(weights.contains("tensorflow") ? "gelu_new" : "gelu"))
            // The directory loads as what it is.
            let (loaded, report) = try ModelDirectory.load(model, in: ComputeContext(threads: 1))
            #expect(report.missing.isEmpty && report.unexpected.isEmpty)
            #expect(loaded.parameters.entries.count == expected.names.count)
        }
    }

    /// Writes a model of `configuration` with `head` as a directory and converts it, after `edit` of its tensors.
    private func convert(
        _ configuration: ModelConfiguration, _ head: ModelHead, architecture: Bool = true,
        _ edit: ([SafetensorsItem]) -> [SafetensorsItem]
    ) throws -> (head: ModelHead, names: Set<String>) {
        try withTemporaryDirectory { directory in
            let arena = ParameterArena(
                entries: configuration.parameterEntries(head: head), in: ComputeContext(threads: 1))
            try ModelDirectory.save(
                configuration, head: head, tensors: edit(arena.safetensorsItems), to: "\(directory)/from")
            let config = "\(directory)/from/config.json"
            if !architecture {
                var keys = try JSONValue.parseObject(Data(contentsOf: URL(filePath: config)), source: "")
                keys["architectures"] = nil
                try Data(JSONValue.object(keys).text().utf8).write(to: URL(filePath: config))
            }
            try Data("[PAD]\n".utf8).write(to: URL(filePath: "\(directory)/from/vocab.txt"))
            let conversion = try ModelConversion(weights: "\(directory)/from")
            try conversion.write(to: "\(directory)/to")
            #expect(try String(contentsOfFile: "\(directory)/to/vocab.txt", encoding: .utf8) == "[PAD]\n")
            return (conversion.head, Set(try SafetensorsFile(path: "\(directory)/to/model.safetensors").names))
        }
    }

    @Test(arguments: [
        ModelHead.pretraining, .maskedLM, .questionAnswering, .sequenceClassification(labels: 3), .none,
    ])
    func theHeadIsKnownByItsTensors(head: ModelHead) throws {
        for architecture in [true, false] {
            let result = try convert(GoldenModels.bert(), head, architecture: architecture) { $0 }
            #expect(result.head == head)
        }
    }

    @Test func nothingIsLost() throws {
        // As in the published ALBERT: pooler and masked-LM head, no pair head, and what another task left behind.
        let result = try convert(GoldenModels.albert, .pretraining, architecture: false) { items in
            items.filter { !$0.name.hasPrefix("sop_classifier") } + [
                item("classifier.weight", .float16, [2], [UInt16](arrayLiteral: 0x3C00, 0)),
                item("albert.embeddings.position_ids", .int64, [1], [Int64](arrayLiteral: 0)),
            ]
        }
        #expect(result.head == .maskedLM)
        #expect(result.names.isSuperset(of: ["albert.pooler.weight", "classifier.weight", "predictions.bias"]))
        #expect(!result.names.contains("albert.embeddings.position_ids"))
    }

    @Test func anIncompleteEncoderIsNotConverted() throws {
        #expect(throws: ModelsError.self) {
            try convert(GoldenModels.bert(), .none) { $0.filter { !$0.name.contains("layer.1.output") } }
        }
    }

    @Test func aConfigurationOfAnotherSizeIsRefused() throws {
        #expect {
            try ModelConversion(
                weights: path("bert-tensorflow"), configuration: path("albert-tensorflow/albert_config.json"))
        } throws: { ($0 as? ModelsError)?.code == .missingTensor || ($0 as? ModelsError)?.code == .tensorMismatch }
        #expect { try ModelConversion(weights: path("bert-tensorflow")) } throws: {
            ($0 as? ModelsError)?.source.hasSuffix("bert-tensorflow/config.json") == true
        }
    }

    @Test func severalCheckpointsInADirectoryAreNamed() throws {
        try withTemporaryDirectory { directory in
            for name in ["a.index", "b.index"] { try Data([1]).write(to: URL(filePath: "\(directory)/\(name)")) }
            #expect(CheckpointFixtures.failure(directory)?.message.contains("a.index, b.index") == true)
            #expect(CheckpointFixtures.failure("\(directory)/none")?.code == .fileSystem)
        }
        try withTemporaryDirectory { directory in
            #expect(CheckpointFixtures.failure(directory)?.message.contains("pytorch_model.bin.index.json") == true)
        }
    }
}
