import Algorithms
import Foundation
import Models
import Tensor
import Testing
import Text

@Suite(.timeLimit(.minutes(1))) struct ChoiceTaskTests {
    @Test func answersAreLearned() throws {
        let run = try FineTuningFixture.shared.get().configuration("race")
        let program = try FineTuningProgram(run, in: ComputeContext())
        for step in 0..<30 { _ = try program.train(step: step, stopRequested: false, exchange: LocalExchange()) }
        let metrics = try program.evaluate(step: 30, exchange: LocalExchange())
        for key in ["eval_accuracy", "eval_acc", "eval_accuracy_middle", "eval_accuracy_high"] {
            #expect(metrics[key] ?? 0 > 0.95, "\(metrics)")
        }
        #expect(program.summary["training_examples"] == "96" && program.summary["shortened_examples"] == "0")
    }

    /// At equal scores the loss of a question is the logarithm of the number of its answers, whoever computes it.
    @Test func theFirstLossIsThatOfGuessing() throws {
        let run = try FineTuningFixture.shared.get().configuration("race", ["optimizer.learning_rate=1e-9"])
        let program = try FineTuningProgram(run, in: ComputeContext())
        let loss = try program.evaluate(step: 0, exchange: LocalExchange())["eval_loss"] ?? 0
        #expect(abs(loss - log(4)) < 0.01, "\(loss)")
    }

    /// As ALBERT reads RACE: the last tokens of question and answer, and of the article as many as there is room for.
    @Test func anArticleGivesWayToTheEndOfItsQuestion() throws {
        let fixture = try FineTuningFixture.shared.get()
        let line = """
            {"article": "the film was really good a b", "questions": ["a b was _ the _"], "options": [["fine", "bad", \
            "a", "b"]], "answers": ["A"], "id": "x"}
            """
        let folder = "\(fixture.directory)/long"
        try FileManager.default.createDirectory(atPath: "\(folder)/dev/middle", withIntermediateDirectories: true)
        try Data(line.utf8).write(to: URL(filePath: "\(folder)/dev/middle/all.txt"))
        let run = try fixture.configuration(
            "race",
            [
                "task.data=\(folder)", "task.development_file=null", "task.max_sequence_length=10",
                "task.max_qa_length=4", "task.levels=[middle]",
            ])
        let scoring = try TaskScoring(run, split: .development)
        let context = ComputeContext()
        let (model, _) = try ModelDirectory.load(
            "\(fixture.directory)/model", head: .multipleChoice, seed: 5, in: context)
        let outputs = try scoring.outputs(of: model, in: context)
        // [CLS] article [SEP] qa [SEP]: ten tokens, three of them special, four of the question.
        let vocabulary = try loadTokenizer(directory: "\(fixture.directory)/model")
        let expected = try ["fine", "bad", "a", "b"].map { option in
            let article = try vocabulary.tokenize("the film was").map(\.id)
            let question = try vocabulary.tokenize("was \(option) the \(option)").map(\.id)
            let input = try EncoderInput(
                [([2] + article + [3] + question + [3], [Int32](repeating: 0, count: 5) + [1, 1, 1, 1, 1])],
                for: model.configuration, in: context)
            return Tensor.withoutGradient { model.choiceLogits(input) }.doubles()[0]
        }
        #expect(zip(outputs[0], expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(outputs) \(expected)")
    }
}
