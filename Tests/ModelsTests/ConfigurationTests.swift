import Foundation
import Models
import Tensor
import Testing

struct ConfigurationTests {
    private func parse(_ text: String) throws -> [String: JSONValue] {
        try JSONValue.parseObject(Data(text.utf8), source: "config.json")
    }

    private func failure(of keys: String) -> ModelsError? {
        do {
            _ = try ModelConfiguration(keys: parse(keys), source: "dir/config.json")
            return nil
        } catch {
            return error as? ModelsError
        }
    }

    @Test func absentKeysTakeThePublishedDefaults() throws {
        let albert = try AlbertConfiguration(keys: [:], source: "config.json")
        #expect(albert.vocabularySize == 30000 && albert.embeddingSize == 128 && albert.hiddenSize == 4096)
        #expect(albert.layerCount == 12 && albert.groupCount == 1 && albert.innerLayerCount == 1)
        #expect(albert.headCount == 64 && albert.intermediateSize == 16384 && albert.activation == .geluNew)
        #expect(albert.hiddenDropoutRate == 0 && albert.attentionDropoutRate == 0)
        #expect(albert.classifierDropoutRate == 0.1 && albert.maximumPositions == 512 && albert.tokenTypeCount == 2)
        #expect(albert.initializerRange == 0.02 && albert.layerNormEpsilon == 1e-12)
        #expect(albert.paddingID == 0 && albert.beginningID == 2 && albert.endID == 3)
        let bert = try BertConfiguration(keys: [:], source: "config.json")
        #expect(bert.vocabularySize == 30522 && bert.hiddenSize == 768 && bert.layerCount == 12)
        #expect(bert.headCount == 12 && bert.intermediateSize == 3072 && bert.activation == .gelu)
        #expect(bert.hiddenDropoutRate == 0.1 && bert.attentionDropoutRate == 0.1)
        #expect(bert.classifierDropoutRate == nil && bert.paddingID == 0)
    }

    @Test func unknownKeysSurviveReadingAndWriting() throws {
        let text = """
            {"model_type": "albert", "net_structure_type": 0, "id2label": {"0": "no", "1": "yes"}, "gap": 0.5,
             "hidden_size": 8, "num_attention_heads": 2, "task": null, "list": [1, "a", true]}
            """
        let configuration = try ModelConfiguration(keys: parse(text), source: "config.json")
        let written = configuration.fileKeys()
        for key in ["net_structure_type", "id2label", "gap", "task", "list"] {
            #expect(written[key] == (try parse(text))[key], "key \(key)")
        }
        let again = try ModelConfiguration(keys: parse(JSONValue.object(written).text()), source: "config.json")
        #expect(again.encoder.hiddenSize == 8)
        #expect(JSONValue.object(again.fileKeys()).text() == JSONValue.object(written).text())
    }

    @Test(arguments: PublishedModel.names) func writtenConfigurationsReadBackEqual(name: String) throws {
        let configuration = try PublishedModel.configuration(named: name)
        var keys = configuration.fileKeys()
        let architectures = [
            "albert": "AlbertForPreTraining", "bert": "BertForPreTraining", "distilbert": "DistilBertForMaskedLM",
            "roberta": "RobertaForMaskedLM",
        ]
        let architecture = try #require(architectures[type(of: configuration.encoder).modelType])
        #expect(keys.removeValue(forKey: "architectures") == .array([.string(architecture)]))
        #expect(keys.removeValue(forKey: "dtype") == .string("float32"))
        let text = JSONValue.object(keys).text()
        #expect(try ModelConfiguration(keys: parse(text), source: "config.json") == configuration)
    }

    @Test func realsAreWrittenAsReals() {
        let text = JSONValue.object(["a": .real(0), "b": .real(1e-12), "c": .integer(3), "d": .string("x\"\n\u{1}é")])
            .text(indentation: nil)
        #expect(text == #"{"a":0.0,"b":1e-12,"c":3,"d":"x\"\n\u0001é"}"#)
    }

    @Test func codableAgreesWithTheKeys() throws {
        var configuration = AlbertConfiguration()
        configuration.groupCount = 3
        let decoded = try JSONDecoder().decode(
            AlbertConfiguration.self, from: JSONEncoder().encode(configuration))
        #expect(decoded == configuration)
    }

    @Test(arguments: [
        (#"{"model_type": "albert", "hidden_size": 770, "num_attention_heads": 64}"#, "hidden_size", "multiple", "770"),
        (#"{"model_type": "albert", "vocab_size": 0}"#, "vocab_size", "1 to", "0"),
        (#"{"model_type": "bert", "num_hidden_layers": -3}"#, "num_hidden_layers", "1 to", "-3"),
        (#"{"model_type": "bert", "vocab_size": "many"}"#, "vocab_size", "an integer", "\"many\""),
        (#"{"model_type": "bert", "hidden_act": "gleu"}"#, "hidden_act", "gelu_new", "\"gleu\""),
        (#"{"model_type": "bert", "hidden_dropout_prob": 1.0}"#, "hidden_dropout_prob", "below 1", "1"),
        (#"{"model_type": "bert", "layer_norm_eps": 0}"#, "layer_norm_eps", "above 0", "0"),
        (#"{"model_type": "bert", "hidden_size": 9223372036854775807}"#, "hidden_size", "1 to", "9223372036854775807"),
        (
            #"{"model_type": "bert", "position_embedding_type": "relative_key"}"#, "position_embedding_type",
            "absolute",
            "relative_key"
        ),
        (#"{"model_type": "bert", "pad_token_id": 30522}"#, "pad_token_id", "0 to 30521", "30522"),
        (#"{"model_type": "albert", "num_hidden_groups": 13}"#, "num_hidden_groups", "1 to 12", "13"),
    ])
    func badValuesNameFileKeyExpectedAndGot(text: String, key: String, expected: String, got: String) throws {
        let error = try #require(failure(of: text))
        #expect(error.code == .invalidConfiguration)
        for word in ["dir/config.json", "'\(key)'", expected, got] {
            #expect(error.description.contains(word), "\(error.description) lacks \(word)")
        }
    }

    @Test func aConfigurationOfAnotherFamilyIsRefused() {
        #expect(failure(of: #"{"model_type": "gpt2"}"#)?.code == .unknownModel)
        #expect(failure(of: #"{"hidden_size": 8}"#)?.code == .invalidConfiguration)
        #expect(failure(of: "[1]")?.code == .malformedFile)
        #expect(failure(of: "{")?.code == .malformedFile)
        #expect(throws: ModelsError.self) { try BertConfiguration(keys: ["model_type": .string("albert")], source: "") }
    }

    @Test func aMisspeltNameIsAnsweredWithTheNearest() {
        do throws(ModelsError) {
            _ = try PublishedModel.configuration(named: "albert-bse-v2", source: "run.yaml")
            Issue.record("a misspelt name was accepted")
        } catch {
            #expect(error.code == .unknownModel)
            #expect(
                error.description
                    == "run.yaml: no published model is called 'albert-bse-v2'; did you mean 'albert-base-v2'?")
        }
    }

    @Test func publishedDropoutRulesHold() throws {
        for size in ["base", "large", "xlarge", "xxlarge"] {
            let rate = size == "xxlarge" ? 0 : 0.1
            let first = try PublishedModel.configuration(named: "albert-\(size)-v1").encoder
            let second = try PublishedModel.configuration(named: "albert-\(size)-v2").encoder
            #expect(first.hiddenDropoutRate == rate && first.attentionDropoutRate == rate, "albert-\(size)-v1")
            #expect(second.hiddenDropoutRate == 0 && second.attentionDropoutRate == 0, "albert-\(size)-v2")
        }
    }

    @Test func layersAreSpreadEvenlyOverGroups() {
        var configuration = AlbertConfiguration()
        configuration.layerCount = 12
        configuration.groupCount = 3
        #expect((0..<12).map(configuration.group) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
        configuration.layerCount = 5
        configuration.groupCount = 2
        #expect((0..<5).map(configuration.group) == [0, 0, 0, 1, 1])
    }

    @Test func everyFamilyReadsItsOwnKeys() throws {
        let distilbert = try DistilBertConfiguration(
            keys: parse(
                """
                {"model_type": "distilbert", "vocab_size": 40, "dim": 12, "n_layers": 3, "n_heads": 4, "hidden_dim": 20,
                 "dropout": 0.2, "attention_dropout": 0.3, "activation": "relu", "qa_dropout": 0.4,
                 "seq_classif_dropout": 0.5, "sinusoidal_pos_embds": true, "type_vocab_size": 7}
                """), source: "config.json")
        #expect(distilbert.vocabularySize == 40 && distilbert.hiddenSize == 12 && distilbert.layerCount == 3)
        #expect(distilbert.headCount == 4 && distilbert.intermediateSize == 20 && distilbert.activation == .relu)
        #expect(distilbert.hiddenDropoutRate == 0.2 && distilbert.attentionDropoutRate == 0.3)
        #expect(distilbert.questionDropoutRate == 0.4 && distilbert.sequenceDropoutRate == 0.5)
        #expect(distilbert.tokenTypeCount == 0 && distilbert.layerNormEpsilon == 1e-12)
        #expect(Set(distilbert.otherKeys.keys) == ["sinusoidal_pos_embds", "type_vocab_size"])
        #expect(distilbert.keys["hidden_size"] == nil && distilbert.keys["dim"] == .integer(12))
        let roberta = try RobertaConfiguration(keys: ["model_type": .string("roberta")], source: "config.json")
        #expect(roberta.vocabularySize == 50265 && roberta.maximumPositions == 514 && roberta.tokenTypeCount == 1)
        #expect(roberta.layerNormEpsilon == 1e-5 && roberta.activation == .gelu && roberta.classifierDropoutRate == nil)
        #expect(roberta.paddingID == 1 && roberta.beginningID == 0 && roberta.endID == 2)
    }

    @Test func theTaskIsReadAndWritten() throws {
        let text = """
            {"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"], "finetuning_task": "mnli",
             "id2label": {"1": "neutral", "0": "contradiction", "2": "entailment"}, "label2id": {"x": 5},
             "problem_type": "single_label_classification", "tie_word_embeddings": false}
            """
        var configuration = try ModelConfiguration(keys: parse(text), source: "config.json")
        #expect(configuration.encoder.task.labels == ["contradiction", "neutral", "entailment"])
        #expect(configuration.encoder.task.problemType == .singleLabelClassification)
        #expect(!configuration.encoder.tiesWordEmbeddings)
        let head = try #require(configuration.savedHead)
        #expect(head == .sequenceClassification(labels: 3))
        let written = configuration.fileKeys(head: head)
        #expect(
            written["label2id"]
                == .object(["contradiction": .integer(0), "neutral": .integer(1), "entailment": .integer(2)]))
        #expect(written["finetuning_task"] == .string("mnli") && written["architectures"]?.elements.count == 1)
        #expect(try ModelConfiguration(keys: written, source: "config.json").encoder.task == configuration.encoder.task)
        configuration.encoder.task.labels = ["one"]
        #expect(configuration.fileKeys()["id2label"] == .object(["0": .string("one")]))
        // Old files give a number alone.
        let old = #"{"model_type": "bert", "num_labels": 2, "architectures": ["BertForTokenClassification"]}"#
        let bert = try ModelConfiguration(keys: parse(old), source: "config.json")
        #expect(bert.encoder.task.labels == ["LABEL_0", "LABEL_1"])
        #expect(bert.savedHead == .tokenClassification(labels: 2))
    }

    @Test(arguments: [
        (#"{"model_type": "bert", "id2label": {"0": "a", "2": "b"}}"#, "id2label", #""0" to "1""#),
        (#"{"model_type": "bert", "id2label": {"0": 1}}"#, "id2label", #""0" to "0""#),
        (#"{"model_type": "bert", "id2label": ["a"]}"#, "id2label", "an object"),
        (#"{"model_type": "bert", "num_labels": 100000}"#, "num_labels", "1 to 65536"),
        (#"{"model_type": "bert", "problem_type": "sorting"}"#, "problem_type", "multi_label_classification"),
        (#"{"model_type": "bert", "tie_word_embeddings": "no"}"#, "tie_word_embeddings", "true or false"),
        (#"{"model_type": "distilbert", "dim": 10}"#, "dim", "a multiple of n_heads"),
        (#"{"model_type": "roberta", "max_position_embeddings": 2}"#, "max_position_embeddings", "more than"),
    ])
    func badTaskKeysAreNamed(text: String, key: String, expected: String) throws {
        let error = try #require(failure(of: text))
        #expect(error.description.contains("'\(key)'") && error.description.contains(expected), "\(error)")
    }
}
