import Foundation
import Models
import Tensor
import Testing

struct LoadingRuleTests {
    /// Loads `items` into a model of `configuration`, and returns the report.
    private func load(
        _ items: [SafetensorsItem], _ configuration: ModelConfiguration, _ head: ModelHead,
        _ tolerance: LoadTolerance = .heads
    ) throws -> LoadReport {
        try withTemporaryDirectory { directory in
            try SafetensorsWriter.write(items, to: "\(directory)/weights")
            let model = EncoderModel(configuration, head: head, seed: 3, in: ComputeContext(threads: 1))
            return try ModelDirectory.loadWeights(
                from: StateDictFiles.open("\(directory)/weights"), into: model.parameters, configuration,
                tolerating: tolerance)
        }
    }

    private func message(_ body: () throws -> LoadReport) -> String {
        do {
            return "\(try body())"
        } catch {
            return "\(error)"
        }
    }

    /// The names of a BART model for entailment, two layers of each kind.
    private var bart: [SafetensorsItem] {
        var names = ["model.shared.weight", "classification_head.dense.weight", "classification_head.out_proj.weight"]
        for layer in 0..<2 {
            names += ["encoder", "decoder"].flatMap { side in
                ["self_attn.q_proj", "fc1", "final_layer_norm"].map { "model.\(side).layers.\(layer).\($0).weight" }
            }
        }
        return names.map { item($0, .float32, [1], [Float(0)]) }
    }

    @Test func aModelOfAnotherKindIsRefusedWithAllNames() throws {
        let text = message { try load(bart, GoldenModels.bert(), .sequenceClassification(labels: 2)) }
        #expect(text.contains("none of its 15 tensors belongs to a model of type 'bert'"))
        for name in [
            "missing: bert.embeddings.word_embeddings.weight", "bert.encoder.layer.*.output.dense.weight (2)",
            "classifier.weight", "unexpected: classification_head.dense.weight",
            "model.decoder.layers.*.fc1.weight (2)", "model.shared.weight",
        ] { #expect(text.contains(name), "\(name) in \(text)") }
    }

    @Test func everyMissingTensorOfTheEncoderIsNamed() throws {
        let configuration = GoldenModels.bert()
        let arena = ParameterArena(
            entries: configuration.parameterEntries(head: .none), in: ComputeContext(threads: 1))
        let items = arena.safetensorsItems.filter {
            !$0.name.contains(".query.") && $0.name != "bert.encoder.layer.1.output.dense.bias"
        }
        let text = message { try load(items, configuration, .sequenceClassification(labels: 2)) }
        #expect(
            text.contains(
                "5 tensors of the encoder are missing: bert.encoder.layer.*.attention.self.query.weight (2), "
                    + "bert.encoder.layer.*.attention.self.query.bias (2), bert.encoder.layer.1.output.dense.bias"))
    }

    @Test func everyWrongShapeIsNamed() throws {
        let configuration = GoldenModels.bert()
        let arena = ParameterArena(
            entries: configuration.parameterEntries(head: .sequenceClassification(labels: 3)),
            in: ComputeContext(threads: 1))
        let text = message { try load(arena.safetensorsItems, configuration, .sequenceClassification(labels: 2)) }
        #expect(text.contains("tensor 'classifier.weight': expected shape [2, 8], got [3, 8]"))
        #expect(text.contains("tensor 'classifier.bias': expected shape [2], got [3]"))
    }

    /// What fine-tuning begins with: a file of a masked-LM model, which has no pooler, and a classifier of other classes.
    @Test func aNewHeadAndItsPoolerAreToldOnlyWhereTheyAreTrained() throws {
        let configuration = GoldenModels.bert()
        func items(_ head: ModelHead) -> [SafetensorsItem] {
            ParameterArena(entries: configuration.parameterEntries(head: head), in: ComputeContext(threads: 1))
                .safetensorsItems
        }
        let head = ModelHead.sequenceClassification(labels: 2)
        let classifier = ["classifier.weight", "classifier.bias"]
        let report = try load(items(.maskedLM), configuration, head, .newHead)
        #expect(report.missing == ["bert.pooler.dense.weight", "bert.pooler.dense.bias"] + classifier)
        let resized = try load(items(.sequenceClassification(labels: 3)), configuration, head, .newHead)
        #expect(resized.missing == classifier && resized.resized == classifier)
        let refused = message { try load(items(.none), configuration, head, .nothing) }
        #expect(refused.contains("2 tensors of the model are missing: classifier.weight, classifier.bias"))
    }

    @Test func aNewHeadIsMissingAndAnOldOneUnexpected() throws {
        let configuration = GoldenModels.bert()
        let arena = ParameterArena(
            entries: configuration.parameterEntries(head: .pretraining), in: ComputeContext(threads: 1))
        let report = try load(arena.safetensorsItems, configuration, .questionAnswering)
        #expect(report.missing == ["qa_outputs.weight", "qa_outputs.bias"])
        #expect(
            report.unexpected.contains("cls.predictions.bias") && report.unexpected.contains("bert.pooler.dense.bias"))
    }

    @Test func aNameInTwoSpellingsIsUsedOnce() throws {
        let configuration = GoldenModels.bert()
        let arena = ParameterArena(
            entries: configuration.parameterEntries(head: .none), in: ComputeContext(threads: 1))
        let old = item("bert.embeddings.LayerNorm.gamma", .float32, [8], [Float](repeating: 7, count: 8))
        let report = try load(arena.safetensorsItems + [old], configuration, .none)
        #expect(report.missing.isEmpty && report.unexpected.count == 1)
        #expect(report.loaded.count == arena.entries.count)
    }
}
