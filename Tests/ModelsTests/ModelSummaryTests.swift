import Models
import Testing

struct ModelSummaryTests {
    /// Every node with something to tell besides its numbers, as `path: value`.
    private func settings(_ configuration: ModelConfiguration, _ head: ModelHead) -> Set<String> {
        func collect(_ node: ModelSummary.Node, _ path: [String]) -> [String] {
            let here = (node.epsilon ?? node.dropoutRate).map { ["\(path.joined(separator: ".")): \($0)"] } ?? []
            return here + node.children.flatMap { collect($0, path + [$0.name]) }
        }
        return Set(collect(ModelSummary(configuration, head: head).root, []))
    }

    /// One layer, with rates that differ.
    private func configuration(_ name: String) throws -> ModelConfiguration {
        var configuration = try PublishedModel.configuration(named: name)
        configuration.encoder.layerCount = 1
        configuration.encoder.hiddenDropoutRate = 0.2
        configuration.encoder.attentionDropoutRate = 0.3
        return configuration
    }

    // What `print(model)` shows of the models of `transformers`, but for the dropout layers that they never call.
    @Test func settingsHaveTheModuleNamesOfTransformers() throws {
        let layer = "encoder.layer.0"
        let bert: Set = [
            "embeddings.LayerNorm: 1e-12", "embeddings.dropout: 0.2", "\(layer).attention.self.dropout: 0.3",
            "\(layer).attention.output.LayerNorm: 1e-12", "\(layer).attention.output.dropout: 0.2",
            "\(layer).output.LayerNorm: 1e-12", "\(layer).output.dropout: 0.2",
        ]
        #expect(
            settings(try configuration("bert-base-uncased"), .sequenceClassification(labels: 2))
                == Set(bert.map { "bert.\($0)" } + ["dropout: 0.2"]))
        #expect(
            settings(try configuration("bert-base-uncased"), .maskedLM)
                == Set(bert.map { "bert.\($0)" } + ["cls.predictions.transform.LayerNorm: 1e-12"]))
        #expect(
            settings(try configuration("roberta-base"), .sequenceClassification(labels: 2))
                == Set(bert.map { "roberta.\($0.replacing("1e-12", with: "1e-05"))" } + ["classifier.dropout: 0.2"]))
        let group = "albert.encoder.albert_layer_groups.0.albert_layers.0"
        #expect(
            settings(try configuration("albert-base-v2"), .none) == [
                "albert.embeddings.LayerNorm: 1e-12", "albert.embeddings.dropout: 0.2",
                "\(group).attention.attention_dropout: 0.3", "\(group).attention.output_dropout: 0.2",
                "\(group).attention.LayerNorm: 1e-12", "\(group).full_layer_layer_norm: 1e-12",
            ])
        let block = "distilbert.transformer.layer.0"
        #expect(
            settings(try configuration("distilbert-base-uncased"), .questionAnswering) == [
                "distilbert.embeddings.LayerNorm: 1e-12", "distilbert.embeddings.dropout: 0.2",
                "\(block).attention.dropout: 0.3", "\(block).sa_layer_norm: 1e-12", "\(block).ffn.dropout: 0.2",
                "\(block).output_layer_norm: 1e-12", "dropout: 0.1",
            ])
    }

    @Test func countsAreThePublishedOnes() throws {
        func counts(_ name: String) throws -> [String: Int] {
            let configuration = try PublishedModel.configuration(named: name)
            return Dictionary(uniqueKeysWithValues: configuration.parameterCounts.map { ($0.name, $0.count) })
        }
        #expect(
            try counts("bert-base-uncased") == [
                "encoder": 108_891_648, "encoder_with_pooler": 109_482_240, "masked_lm": 109_514_298,
                "pretraining": 110_106_428, "sequence_classification": 109_483_778,
                "token_classification": 108_893_186, "question_answering": 108_893_186,
                "multiple_choice": 109_483_009,
            ])
        let distilbert = try counts("distilbert-base-uncased")
        #expect(distilbert["encoder"] == 66_362_880 && distilbert["encoder_with_pooler"] == nil)
        #expect(distilbert["masked_lm"] == 66_985_530 && distilbert["question_answering"] == 66_364_418)
        let roberta = try counts("roberta-base")
        #expect(roberta["encoder"] == 124_055_040 && roberta["encoder_with_pooler"] == 124_645_632)
    }

    @Test func theTextShowsSettings() throws {
        let lines = ModelSummary(try configuration("bert-base-uncased")).text.split(separator: "\n")
        #expect(lines.contains { $0.contains("LayerNorm") && $0.contains("eps 1e-12") && $0.hasSuffix("1,536") })
        #expect(lines.contains { $0.contains("dropout") && $0.hasSuffix("p 0.3") })
    }
}
