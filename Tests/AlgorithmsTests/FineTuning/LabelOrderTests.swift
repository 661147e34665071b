import Algorithms
import Models
import Testing
import Text

struct LabelOrderTests {
    private func order(_ type: String, _ labels: [String]?) throws -> LabelOrder {
        var configuration = try ModelConfiguration(keys: ["model_type": .string(type)], source: "test")
        configuration.encoder.task.labels = labels
        return LabelOrder(configuration)
    }

    private let mnli = ["contradiction", "entailment", "neutral"]
    private let swapped = ["contradiction", "neutral", "entailment"]

    /// `transformers` swaps labels 1 and 2 of MNLI for RoBERTa, and for no other family of ours.
    @Test(arguments: ["mnli", "mnli-mm", "xnli-de", "ax"]) func robertaSwapsTheLastTwo(task: String) throws {
        let description = try TaskDescription.named(task)
        #expect(try order("roberta", nil).trained(mnli, of: description) == swapped)
        #expect(
            try order("roberta", ["LABEL_0", "LABEL_1", "LABEL_2"]).evaluated(mnli, of: description) == swapped)
        for type in ["bert", "albert", "distilbert"] {
            #expect(try order(type, nil).trained(mnli, of: description) == mnli)
        }
    }

    @Test func theModelsOwnOrderIsKept() throws {
        let task = try TaskDescription.named("mnli")
        // As roberta-large-mnli has them, and as a BERT model of other people has them.
        for (type, own) in [
            ("roberta", ["CONTRADICTION", "NEUTRAL", "ENTAILMENT"]),
            ("bert", ["entailment", "neutral", "contradiction"]),
        ] {
            #expect(try order(type, own).trained(mnli, of: task) == own.map { $0.lowercased() })
            #expect(try order(type, own).evaluated(mnli, of: task) == own.map { $0.lowercased() })
        }
        // Other classes, or the same with one more, are no order of these.
        #expect(try order("bert", ["yes", "no"]).trained(mnli, of: task) == mnli)
        #expect(try order("bert", mnli + ["other"]).trained(mnli, of: task) == mnli)
    }

    @Test func aTrainedModelSpeaksForItself() throws {
        let task = try TaskDescription.named("classification")
        #expect(try order("bert", ["b", "a"]).evaluated([], of: task) == ["b", "a"])
        #expect(try order("bert", nil).evaluated([], of: .named("sts-b")) == [])
        let error = #expect(throws: ConfigurationError.self) {
            try order("bert", ["LABEL_0", "LABEL_1"]).evaluated(mnli, of: .named("mnli"))
        }
        #expect(error?.message.contains("2 labels") == true)
    }
}
