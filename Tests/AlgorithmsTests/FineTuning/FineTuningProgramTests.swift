import Algorithms
import Models
import Tensor
import Testing
import Text

@Suite(.timeLimit(.minutes(1))) struct FineTuningProgramTests {
    private func program(_ task: String = "classification", _ overrides: [String] = []) throws -> FineTuningProgram {
        try FineTuningProgram(
            try FineTuningFixture.shared.get().configuration(task, overrides), in: ComputeContext())
    }

    private func train(
        _ program: FineTuningProgram, steps: Range<Int>, _ exchange: any GradientExchange = LocalExchange()
    ) throws -> [Double] {
        try steps.map {
            try program.train(step: $0, stopRequested: false, exchange: exchange).values["loss"] ?? .nan
        }
    }

    @Test(arguments: ["fp32", "bf16"]) func aTaskIsLearned(precision: String) throws {
        let program = try program("classification", ["precision=\(precision)"])
        let before = try program.evaluate(step: 0, exchange: LocalExchange())
        let losses = try train(program, steps: 0..<30)
        let after = try program.evaluate(step: 30, exchange: LocalExchange())
        let last = losses.suffix(5).reduce(0, +) / 5
        #expect(last < 0.75 * losses[0], "losses \(losses[0]) to \(last)")
        #expect(after["eval_accuracy"] ?? 0 >= 0.95, "\(before) then \(after)")
        #expect(after["eval_loss"] ?? 1 < before["eval_loss"] ?? 0)
        #expect(program.summary["training_examples"] == "96" && program.summary["labels"] == "2")
    }

    @Test func entitiesAreLearned() throws {
        let program = try program("tagging")
        _ = try train(program, steps: 0..<30)
        let metrics = try program.evaluate(step: 30, exchange: LocalExchange())
        #expect(metrics["eval_f1"] ?? 0 > 0.95 && metrics["eval_accuracy"] ?? 0 > 0.95, "\(metrics)")
    }

    /// Losses are divided by the counts of the global batch, so that ranks add up to one machine; five ranks are more
    /// than there are shards.
    @Test(arguments: ["classification", "tagging", "race"], [2, 5])
    func ranksAddUpToOneMachine(task: String, worldSize: Int) async throws {
        let configuration = try FineTuningFixture.shared.get().configuration(
            task, task != "classification" ? [] : ["task.class_weights=balanced"])
        struct Trace: Sendable {
            var losses: [Double] = []
            var metrics: [String: Double] = [:]
            var weights = ""
        }
        func traces(_ worldSize: Int) async throws -> [Trace] {
            try await ThreadExchange.ranks(worldSize) { exchange in
                let program = try FineTuningProgram(configuration, in: ComputeContext())
                var trace = Trace()
                for step in 0..<3 {
                    let outcome = try program.train(step: step, stopRequested: false, exchange: exchange)
                    trace.losses.append(outcome.values["loss"] ?? .nan)
                }
                trace.metrics = try program.evaluate(step: 3, exchange: exchange)
                trace.weights = program.digests().weights
                return trace
            }
        }
        let alone = try await traces(1)[0]
        let ranks = try await traces(worldSize)
        for trace in ranks {
            for (loss, other) in zip(trace.losses, alone.losses) { #expect(abs(loss - other) < 1e-5 * other) }
            #expect(abs((trace.metrics["eval_loss"] ?? 0) - (alone.metrics["eval_loss"] ?? 1)) < 1e-4)
            #expect(trace.weights == ranks[0].weights && trace.metrics == ranks[0].metrics)
        }
    }

    @Test func aRestoredRunEndsWithTheSameBits() throws {
        let whole = try program()
        _ = try train(whole, steps: 0..<5)
        _ = try whole.evaluate(step: 5, exchange: LocalExchange())
        let checkpoint = whole.checkpoint(completedSteps: 5)
        let rest = try train(whole, steps: 5..<9)
        let resumed = try program()
        #expect(try resumed.restore(checkpoint) == 5)
        #expect(try train(resumed, steps: 5..<9) == rest)
        #expect(resumed.digests() == whole.digests())
        let other = try program("classification", ["optimizer.learning_rate=0.02"])
        #expect(throws: AlgorithmsError.self) { try other.restore(checkpoint) }
    }

    /// The weights of the best evaluation are the result, and a run without better ones ends early.
    @Test func theBestWeightsAreKept() throws {
        let program = try program(
            "classification",
            ["task.best_metric=eval_loss", "task.early_stopping_patience=2", "optimizer.learning_rate=1e-9"])
        // By its value the loss falls, so nothing after the first evaluation counts as better.
        _ = try program.evaluate(step: 0, exchange: LocalExchange())
        let first = program.digests().weights
        _ = try train(program, steps: 0..<2)
        let evaluation = try program.evaluate(step: 2, exchange: LocalExchange())
        let isBetter = evaluation["eval_loss"] ?? 0 > 0 && program.digests().weights != first
        #expect(program.totalSteps == 30 && (isBetter || program.digests().weights == first))
        let fast = try self.program("classification", ["task.early_stopping_patience=1"])
        _ = try train(fast, steps: 0..<30)
        let metrics = try fast.evaluate(step: 30, exchange: LocalExchange())
        let best = fast.digests().weights
        _ = try train(fast, steps: 30..<32)
        let latest = try fast.evaluate(step: 32, exchange: LocalExchange())
        #expect(fast.totalSteps == 32 && fast.digests().weights == best)
        // The run ends with the numbers of the weights that it exports.
        let result = try fast.evaluateResult(step: 32, latest: latest, exchange: LocalExchange())
        #expect(result == metrics && result["eval_loss"] != latest["eval_loss"])
    }

    @Test func onlyWhatIsSelectedIsTrained() throws {
        let program = try program(
            "classification", [#"optimizer.train=["classifier"]"#, "optimizer.learning_rate=0.05"])
        let before = program.checkpoint(completedSteps: 0).weights
        _ = try train(program, steps: 0..<4)
        let after = program.checkpoint(completedSteps: 4).weights
        for (old, new) in zip(before.entries, after.entries) {
            let isSame = unsafe before.withBytes(of: old) { a in
                unsafe after.withBytes(of: new) { b in unsafe a.elementsEqual(b) }
            }
            #expect(isSame == !old.name.hasPrefix("classifier"), "\(old.name)")
        }
        #expect(program.summary["trained_parameters"] == String(16 * 2 + 2))
    }

    @Test func theResultIsAModelWithItsLabels() throws {
        let program = try program()
        _ = try train(program, steps: 0..<30)
        let metrics = try program.evaluate(step: 30, exchange: LocalExchange())
        let directory = try FineTuningFixture.shared.get().directory + "/result"
        try program.export(to: directory)
        let configuration = try ModelDirectory.configuration(in: directory)
        #expect(configuration.savedHead == .sequenceClassification(labels: 2))
        #expect(configuration.encoder.task.labels == ["negative", "positive"])
        let tokenizer = try loadTokenizer(directory: directory)
        let context = ComputeContext()
        let (model, report) = try ModelDirectory.load(
            directory, head: .sequenceClassification(labels: 2), in: context)
        #expect(report.missing.isEmpty && report.unexpected.isEmpty)
        let texts = ["the film was really awful", "the film was a b great"]
        let encodings = try texts.map { try tokenizer.encode($0)[0] }
        let input = try EncoderInput(encodings.map { ($0.ids, $0.typeIDs) }, for: configuration, in: context)
        let logits = Tensor.withoutGradient { model.sequenceLogits(input) }.doubles()
        #expect(logits[0] > logits[1] && logits[3] > logits[2], "\(logits), \(metrics)")
    }

    @Test(arguments: [
        ("task.name=sentiment", "no task is called 'sentiment'"),
        ("task.max_sequence_length=64", "64 is more than the 24 positions"),
        ("task.development_file=odd.jsonl", "positve"),
        ("task.train_file=none.jsonl", "none.jsonl"),
        ("task.label_column=class", "class"),
        ("model.directory=/nowhere", "/nowhere"),
        ("optimizer.freeze=[nothing]", "nothing"),
        ("task.name=swga", "did you mean swag?"),
        ("task.levels=[low]", "expected one or both of middle, high"),
        ("task.development_file=odd.jsonl", "did you mean positive?"),
    ])
    func badInputIsNamed(override: String, mention: String) throws {
        do {
            _ = try program("classification", [override])
            Issue.record("\(override) was accepted")
        } catch {
            #expect("\(error)".contains(mention), "\(error)")
        }
    }

    @Test func theBestMetricMustBeOneOfTheTask() throws {
        let program = try program("classification", ["task.best_metric=f1"])
        let error = #expect(throws: ConfigurationError.self) {
            try program.evaluate(step: 0, exchange: LocalExchange())
        }
        #expect(error?.key == "task.best_metric" && error?.message.contains("eval_accuracy") == true)
    }
}
