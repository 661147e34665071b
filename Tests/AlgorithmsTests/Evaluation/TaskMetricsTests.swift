import Algorithms
import Foundation
import Testing
import Text

/// Measures that scikit-learn, scipy and seqeval gave, from scripts/goldens/metrics.py.
private struct MetricsGolden: Decodable {
    struct Classes: Decodable {
        let count: Int
        let predictions, labels: [Int]
        let accuracy, matthews, micro, macro: Double
        let f1: Double?
    }
    struct ClassSets: Decodable {
        let count: Int
        let predictions, labels: [Set<Int>]
        let micro, macro, exact: Double
    }
    struct Scores: Decodable {
        let predictions, labels: [Double]
        let pearson, spearman, mse: Double
    }
    struct Tags: Decodable {
        struct Entity: Decodable, Equatable {
            let type: String
            let words: Range<Int>

            init(from decoder: any Decoder) throws {
                var parts = try decoder.unkeyedContainer()
                type = try parts.decode(String.self)
                words = try parts.decode(Int.self)..<parts.decode(Int.self)
            }
        }

        let predictions, labels: [[String]]
        let precision, recall, f1, accuracy: Double
        let entities: [[Entity]]
    }

    let classes: [Classes]
    let classSets: [ClassSets]
    let scores: [Scores]
    let tags: [Tags]

    static func read() throws -> MetricsGolden {
        let url = try #require(
            Bundle.module.url(forResource: "metrics", withExtension: "json", subdirectory: "Fixtures"))
        return try JSONDecoder().decode(MetricsGolden.self, from: Data(contentsOf: url))
    }
}

private func isClose(_ value: Double?, _ golden: Double) -> Bool {
    value.map { abs($0 - golden) <= 1e-12 * max(1, abs(golden)) } ?? false
}

struct TaskMetricsTests {
    private let golden: MetricsGolden

    init() throws { golden = try .read() }

    @Test func measuresOfClassesAreThoseOfScikitLearn() throws {
        let user = try TaskDescription.named("classification")
        for (index, test) in golden.classes.enumerated() {
            let metrics = TaskPredictions.classes(test.predictions, labels: test.labels, count: test.count)
                .metrics(of: user)
            #expect(isClose(metrics["eval_accuracy"], test.accuracy), "\(index)")
            #expect(isClose(metrics["eval_mcc"], test.matthews), "\(index)")
            #expect(isClose(metrics["eval_f1_micro"], test.micro), "\(index)")
            #expect(isClose(metrics["eval_f1_macro"], test.macro), "\(index)")
            if let f1 = test.f1 {
                #expect(isClose(metrics["eval_f1"], f1), "\(index)")
            } else {
                #expect(metrics["eval_f1"] == nil)
            }
        }
    }

    @Test func measuresOfSetsOfClassesAreThoseOfScikitLearn() throws {
        let task = try TaskDescription.named("multi-label")
        for (index, test) in golden.classSets.enumerated() {
            let metrics = TaskPredictions.classSets(test.predictions, labels: test.labels, count: test.count)
                .metrics(of: task)
            #expect(isClose(metrics["eval_f1_micro"], test.micro), "\(index)")
            #expect(isClose(metrics["eval_f1_macro"], test.macro), "\(index)")
            #expect(isClose(metrics["eval_exact_match"], test.exact), "\(index)")
        }
    }

    @Test func measuresOfScoresAreThoseOfScipy() throws {
        let task = try TaskDescription.named("sts-b")
        for (index, test) in golden.scores.enumerated() {
            let metrics = TaskPredictions.scores(test.predictions, labels: test.labels).metrics(of: task)
            #expect(isClose(metrics["eval_pearson"], test.pearson), "\(index)")
            #expect(isClose(metrics["pearson"], test.pearson), "\(index)")
            #expect(isClose(metrics["eval_spearmanr"], test.spearman), "\(index)")
            #expect(isClose(metrics["eval_corr"], (test.pearson + test.spearman) / 2), "\(index)")
            #expect(isClose(metrics["MSE"], test.mse), "\(index)")
        }
    }

    @Test func entitiesAndTheirMeasuresAreThoseOfSeqeval() throws {
        let task = try TaskDescription.named("conll2003")
        for (index, test) in golden.tags.enumerated() {
            for (tags, entities) in zip(test.labels, test.entities) {
                let found = EntityMetrics.entities(tags)
                #expect(found.map(\.type) == entities.map(\.type), "\(tags)")
                #expect(found.map(\.words) == entities.map(\.words), "\(tags)")
            }
            let metrics = TaskPredictions.tags(test.predictions, labels: test.labels).metrics(of: task)
            #expect(isClose(metrics["eval_precision"], test.precision), "\(index)")
            #expect(isClose(metrics["eval_recall"], test.recall), "\(index)")
            #expect(isClose(metrics["eval_f1"], test.f1), "\(index)")
            #expect(isClose(metrics["eval_accuracy"], test.accuracy), "\(index)")
        }
    }

    // MARK: Worked examples and keys

    @Test func workedExamplesComeOutToTheDigit() throws {
        let binary = TaskPredictions.classes([1, 1, 0, 0, 0, 1, 1, 1], labels: [1, 1, 1, 0, 0, 0, 1, 0], count: 2)
        #expect(abs(try #require(binary.metrics(of: .named("cola"))["eval_mcc"]) - 0.2581988897) < 1e-10)
        #expect(abs(try #require(binary.metrics(of: .named("mrpc"))["eval_f1"]) - 0.6666666667) < 1e-10)
        let scores = TaskPredictions.scores([0.1, 2.5, 2.5, 4.9, 3.3], labels: [0, 2, 3, 5, 3])
        let metrics = try scores.metrics(of: .named("sts-b"))
        #expect(abs(try #require(metrics["eval_pearson"]) - 0.9775856785) < 1e-10)
        #expect(abs(try #require(metrics["eval_spearmanr"]) - 0.9210526316) < 1e-10)
    }

    @Test func keysAreThoseOfBothLibraries() throws {
        let binary = TaskPredictions.classes([1, 0, 1], labels: [1, 1, 1], count: 2)
        let keys: [String: Set<String>] = [
            "cola": ["eval_mcc", "matthew_corr", "eval_accuracy"],
            "qqp": ["eval_acc", "eval_f1", "eval_acc_and_f1", "eval_accuracy"],
            "mnli": ["eval_mnli/acc", "eval_accuracy"], "mismnli": ["eval_mnli-mm/acc", "eval_accuracy"],
            "rte": ["eval_acc", "eval_accuracy"],
        ]
        for (name, keys) in keys {
            let task = try TaskDescription.named(name)
            let metrics = binary.metrics(of: task, loss: 0.5)
            #expect(Set(metrics.keys) == keys.union(["eval_loss"]), "\(name)")
            #expect(metrics[task.bestMetric] != nil && metrics["eval_loss"] == 0.5)
        }
        let mrpc = try binary.metrics(of: .named("mrpc"))
        #expect(isClose(mrpc["eval_acc_and_f1"], (2.0 / 3 + 0.8) / 2))
    }

    @Test func levelsOfMultipleChoiceAreMeasuredApart() throws {
        let metrics = try TaskPredictions.choices(
            [0, 1, 2, 3], labels: [0, 1, 0, 0], groups: ["middle", "high", "high", "high"]
        ).metrics(of: .named("race"))
        #expect(metrics["eval_accuracy"] == 0.5)
        #expect(metrics["eval_accuracy_middle"] == 1)
        #expect(isClose(metrics["eval_accuracy_high"], 1.0 / 3))
    }

    @Test func measuresOfNothingOrOfConstantsAreZero() throws {
        let nothing = try TaskPredictions.classes([], labels: [], count: 2).metrics(of: .named("mrpc"))
        #expect(nothing.values.allSatisfy { $0 == 0 })
        let constant = try TaskPredictions.scores([0.1, 0.1, 0.1], labels: [1, 2, 4]).metrics(of: .named("sts-b"))
        #expect(constant["eval_corr"] == 0 && ScoreMetrics.pearson([0.1, 0.1, 0.1], [1, 2, 4]) == nil)
        #expect(try TaskPredictions.tags([["O"]], labels: [["O"]]).metrics(of: .named("ner"))["eval_f1"] == 0)
    }
}
