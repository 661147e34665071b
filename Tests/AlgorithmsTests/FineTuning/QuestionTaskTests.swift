import Algorithms
import Foundation
import Models
import Tensor
import Testing
import Text

@Suite(.timeLimit(.minutes(1))) struct QuestionTaskTests {
    private func program(_ task: String, _ overrides: [String] = []) throws -> FineTuningProgram {
        try FineTuningProgram(
            try QuestionFixture.shared.get().configuration(task, overrides), in: ComputeContext())
    }

    @Test(arguments: ["squad", "squad-v2"]) func answersAreLearned(task: String) throws {
        let program = try program(task)
        let before = try program.evaluate(step: 0, exchange: LocalExchange())
        for step in 0..<60 { _ = try program.train(step: step, stopRequested: false, exchange: LocalExchange()) }
        let after = try program.evaluate(step: 60, exchange: LocalExchange())
        #expect(after["eval_f1"] ?? 0 > 90 && before["eval_f1"] ?? 100 < 60, "\(before) then \(after)")
        if task == "squad" {
            #expect(Set(after.keys) == ["eval_exact_match", "eval_f1"])
        } else {
            #expect(Set(after.keys) == Set(try TaskDescription.named(task).metrics))
            #expect(after["eval_NoAns_total"] == 12 && after["eval_HasAns_total"] == 28)
            #expect(after["eval_best_f1"] ?? 0 >= after["eval_f1"] ?? 100)
        }
        #expect(program.summary["training_examples"] == "96")
        #expect(Int(program.summary["training_windows"] ?? "") ?? 0 > 110, "\(program.summary)")
        let directory = try FineTuningFixture.shared.get().directory + "/\(task)-result"
        try program.export(to: directory)
        #expect(try ModelDirectory.configuration(in: directory).savedHead == .questionAnswering)
    }

    /// The loss of a batch in shards is the mean over its windows of (CE of start + CE of end) / 2, by the definition.
    @Test func theLossIsTheMeanOverTheBatch() throws {
        let configuration = try QuestionFixture.shared.get().configuration("squad-v2")
        let source = try FineTuningSource(configuration)
        let task = try makeFineTuningTask(configuration, source)
        let context = ComputeContext()
        let model = EncoderModel(source.configuration(for: task), head: .questionAnswering, seed: 5, in: context)
        let examples = try SquadFile.read("\(configuration.task.data)/train-v2.0.json")
        var windowing = QuestionWindowing()
        (windowing.maximumLength, windowing.stride) = (24, 8)
        let windows = try QuestionFeatures(
            examples, tokenizer: source.tokenizer, purpose: .training, windowing: windowing
        ).windows
        #expect(windows.map(\.ids.count) == task.trainingLengths)
        let batch = [0, 7, 3, 20, 21, 22, 40, 41]
        let losses = try batch.map { index in
            let window = windows[index]
            let input = try EncoderInput([(window.ids, window.typeIDs)], for: model.configuration, in: context)
            let rows = Tensor.withoutGradient { model.spanLogits(input) }.doubles()
            return [window.answer.lowerBound, window.answer.upperBound].enumerated().reduce(0) { sum, item in
                let logits = stride(from: item.offset, to: rows.count, by: 2).map { rows[$0] }
                return sum + (log(logits.reduce(0) { $0 + exp($1) }) - logits[item.element]) / 2
            }
        }
        let expected = losses.reduce(0, +) / Double(batch.count)
        var (loss, weight) = (0.0, 0.0)
        for shard in [batch[..<3], batch[3...]] {
            let (_, sums) = try task.loss(of: Array(shard), batch: batch, model, ForwardOptions(), in: context)
            loss += sums.loss
            weight += sums.weight
        }
        #expect(abs(loss - expected) < 1e-5 && weight == 16, "\(loss), expected \(expected)")
    }

    /// Five ranks are more than there are shards.
    @Test(arguments: ["squad", "squad-v2"], [2, 5])
    func ranksAddUpToOneMachine(task: String, worldSize: Int) async throws {
        struct Trace: Sendable {
            var steps: [[String: Double]] = []
            var metrics: [String: Double] = [:]
            var weights = ""
        }
        let configuration = try QuestionFixture.shared.get().configuration(task)
        func traces(_ worldSize: Int) async throws -> [Trace] {
            try await ThreadExchange.ranks(worldSize) { exchange in
                let program = try FineTuningProgram(configuration, in: ComputeContext())
                var trace = Trace()
                for step in 0..<3 {
                    trace.steps.append(
                        try program.train(step: step, stopRequested: false, exchange: exchange).values)
                }
                trace.metrics = try program.evaluate(step: 3, exchange: exchange)
                trace.weights = program.digests().weights
                return trace
            }
        }
        let alone = try await traces(1)[0]
        let ranks = try await traces(worldSize)
        for trace in ranks {
            for (step, other) in zip(trace.steps, alone.steps) {
                for key in ["loss", "gradient_norm", "accuracy"] {
                    let (ours, theirs) = (step[key] ?? .nan, other[key] ?? .nan)
                    #expect(abs(ours - theirs) <= 2e-5 * theirs, "\(key): \(ours), alone \(theirs)")
                }
            }
            #expect(trace.weights == ranks[0].weights && trace.metrics == ranks[0].metrics)
        }
    }

    @Test func aShareIsHeldOutByParagraphs() throws {
        let folder = try QuestionFixture.shared.get().configuration("squad").task.data
        let alone = try FineTuningFixture.shared.get().directory + "/squad-alone"
        try? FileManager.default.createDirectory(atPath: alone, withIntermediateDirectories: true)
        try? FileManager.default.copyItem(atPath: "\(folder)/train-v1.1.json", toPath: "\(alone)/train-v1.1.json")
        let held = try QuestionFixture.shared.get().configuration(
            "squad", ["task.data=\(alone)", "task.development_share=0.25"])
        let source = try FineTuningSource(held)
        let task = try makeFineTuningTask(held, source)
        #expect(task.summary["training_examples"] == "72" && task.summary["development_examples"] == "24")
        let examples = try SquadFile.read("\(alone)/train-v1.1.json")
        let (train, test) = try QuestionExample.split(examples, trainShare: 0.75, seed: held.seed)
        #expect(Set(train.map(\.paragraph)).isDisjoint(with: test.map(\.paragraph)))
        let reading = QuestionReading(source.tokenizer, held.task, try TaskDescription.named("squad"))
        let lengths = try reading.features(train, for: .training).windows.map(\.ids.count)
        #expect(task.trainingLengths == lengths)
    }

    @Test(arguments: [
        ("squad", "task.train_file=impossible.json", ["impossible.json", "odd", "squad-v2"]),
        ("squad", "task.development_file=unanswered.json", ["unanswered.json", "odd", "expected an answer"]),
        ("squad-v2", "task.train_file=unanswered.json", ["unanswered.json", "odd", "is_impossible"]),
        ("squad", "task.train_file=nowhere.json", ["nowhere.json", "answers[0].answer_start is missing", "odd"]),
        ("squad", "task.train_file=outside.json", ["outside.json", "answer_start", "got 9"]),
        ("squad", "task.train_file=none.json", ["none.json"]),
        ("squad", "task.max_sequence_length=64", ["64 is more than the 24 positions"]),
        ("squad", "task.max_sequence_length=8", []),
        ("squad", "task.max_query_length=0", ["task.max_query_length", "0"]),
        ("squad", "task.n_best=0", ["task.n_best", "0"]),
    ])
    func badInputIsNamed(task: String, override: String, mentions: [String]) throws {
        do {
            _ = try program(task, [override])
            #expect(mentions.isEmpty, "\(override) was accepted")
        } catch {
            #expect(!mentions.isEmpty && mentions.allSatisfy { "\(error)".contains($0) }, "\(error)")
        }
    }

    @Test func aQuestionThatFillsTheWindowIsNamed() throws {
        let error = #expect(throws: TextError.self) {
            // Three words of the question and three special tokens leave two of eight; six leave none.
            var reading = QuestionReading(
                try FineTuningSource(QuestionFixture.shared.get().configuration("squad")).tokenizer)
            reading.windowing.maximumLength = 8
            _ = try reading.features(
                [QuestionExample(id: "long", question: "was the film a b a b", passage: "good")], for: .prediction)
        }
        #expect(error?.description.contains("question long") == true && error?.description.contains("no room") == true)
    }
}
