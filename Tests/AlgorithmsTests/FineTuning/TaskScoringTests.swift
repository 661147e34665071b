import Algorithms
import Foundation
import Models
import Tensor
import Testing
import Text

@Suite(.timeLimit(.minutes(1))) struct TaskScoringTests {
    /// A trained model measures the same outside its run as in it.
    @Test(arguments: ["classification", "tagging", "race"])
    func aSavedModelHasTheMetricsOfItsRun(task: String) throws {
        let fixture = try FineTuningFixture.shared.get()
        let run = try fixture.configuration(task)
        let program = try FineTuningProgram(run, in: ComputeContext())
        for step in 0..<12 { _ = try program.train(step: step, stopRequested: false, exchange: LocalExchange()) }
        let metrics = try program.evaluate(step: 12, exchange: LocalExchange())
        let directory = "\(fixture.directory)/scored-\(task)"
        try program.export(to: directory)
        let saved = try fixture.configuration(task, ["model.directory=\(directory)"])
        let scoring = try TaskScoring(saved, split: .development)
        let context = ComputeContext()
        let model = try ModelDirectory.load(
            directory, head: scoring.head, tolerating: .nothing, in: context
        ).model
        let outputs = try scoring.outputs(of: model, in: context)
        #expect(outputs.count == 40)
        let measured = try scoring.metrics(outputs)
        #expect(measured.keys == metrics.keys)
        for (key, value) in metrics { #expect(abs((measured[key] ?? .nan) - value) < 1e-6, "\(key)") }
    }

    @Test func filesOfPredictionsAreWritten() throws {
        let fixture = try FineTuningFixture.shared.get()
        let folder = "\(fixture.directory)/predicted"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func read(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
        // Test data of RTE without labels, and a model whose order of the labels is not the task's.
        let lines = "index\tsentence1\tsentence2\n4\tthe film\ta film\n7\tgood\tbad\n"
        try Data(lines.utf8).write(to: URL(filePath: "\(folder)/test.tsv"))
        var configuration = try ModelDirectory.configuration(in: "\(fixture.directory)/model")
        configuration.encoder.task.labels = ["not_entailment", "entailment"]
        let model = EncoderModel(
            configuration, head: .sequenceClassification(labels: 2), seed: 1, in: ComputeContext())
        try ModelDirectory.save(
            configuration, head: model.head, model.parameters,
            tokenizer: .copied(from: "\(fixture.directory)/model"), to: "\(folder)/model")
        let run = try fixture.configuration(
            "rte", ["task.data=\(folder)", "model.directory=\(folder)/model", "task.development_file=null"])
        let scoring = try TaskScoring(run, split: .test)
        #expect(scoring.labels == ["not_entailment", "entailment"] && !scoring.examples.areLabelled)
        #expect(throws: TextError.self) { try scoring.metrics([[0, 0], [0, 0]]) }
        let names = try scoring.writePredictionFiles([[0, 0], [0, log(3)]], in: folder)
        #expect(names == ["test_results.tsv", "submit_results.tsv", "RTE.tsv", "test_results_rte.txt"])
        #expect(try read("submit_results.tsv") == "index\tprediction\n4\tnot_entailment\n7\tentailment\n")
        #expect(try read("RTE.tsv") == read("submit_results.tsv"))
        #expect(try read("test_results_rte.txt") == "index\tprediction\n0\tnot_entailment\n1\tentailment\n")
        let probabilities = try read("test_results.tsv").split(whereSeparator: \.isWhitespace).map { Double($0) ?? 0 }
        #expect(zip(probabilities, [0.5, 0.5, 0.25, 0.75]).allSatisfy { abs($0 - $1) < 1e-12 }, "\(probabilities)")
    }

    /// A run from files of a masked-LM model, and one from a classifier of other classes, say what is new.
    @Test func whatIsNewlyInitializedIsInTheSummary() throws {
        let fixture = try FineTuningFixture.shared.get()
        var configuration = try ModelDirectory.configuration(in: "\(fixture.directory)/model")
        let classifier = "classifier.weight, classifier.bias"
        for (head, expected) in [
            (ModelHead.maskedLM, "[bert.pooler.dense.weight, bert.pooler.dense.bias, \(classifier)]"),
            (.sequenceClassification(labels: 5), "[\(classifier)]"), (.sequenceClassification(labels: 2), "[]"),
        ] {
            if case .sequenceClassification(let count) = head {
                configuration.encoder.task.labels = (0..<count).map { "LABEL_\($0)" }
            }
            let model = EncoderModel(configuration, head: head, seed: 1, in: ComputeContext())
            let directory = "\(fixture.directory)/new-head"
            try ModelDirectory.save(
                configuration, head: head, model.parameters,
                tokenizer: .copied(from: "\(fixture.directory)/model"), to: directory)
            let run = try fixture.configuration("classification", ["model.directory=\(directory)"])
            let program = try FineTuningProgram(run, in: ComputeContext())
            #expect(program.summary["newly_initialized"] == expected)
            #expect(
                "[\(try FineTuningOutlook(run).newlyInitialized.joined(separator: ", "))]" == expected)
        }
    }
}
