import Algorithms
import Tensor
import Testing

@Suite(.timeLimit(.minutes(1))) struct PretrainingProgramTests {
    private struct Trace: Sendable {
        var values: [[String: Double]] = []
        var tokens: [Int] = []
        /// The gradients of the first step, as summed over the ranks.
        var gradients: [Float] = []
        var weights = ""
        var optimizer = ""
    }

    private func program(_ overrides: [String] = [], in context: ComputeContext = ComputeContext()) throws
        -> PretrainingProgram
    {
        try PretrainingProgram(PreparedFixture.shared.get().configuration(overrides), in: context)
    }

    /// Trains `steps` steps on every rank of a world.
    private func trace(worldSize: Int, steps: Int) async throws -> [Trace] {
        let configuration = try PreparedFixture.shared.get().configuration()
        return try await ThreadExchange.ranks(worldSize) { exchange in
            let program = try PretrainingProgram(configuration, in: ComputeContext())
            var trace = Trace()
            for step in 0..<steps {
                let outcome = try program.train(step: step, stopRequested: false, exchange: exchange)
                trace.values.append(outcome.values)
                trace.tokens.append(outcome.tokens)
                if step == 0 { trace.gradients = exchange.sums[0].dropLast(StepSums.count) }
            }
            (trace.weights, trace.optimizer) = program.digests()
            return trace
        }
    }

    /// Four shards: also more ranks than there are shards.
    @Test(arguments: [2, 3, 4, 5]) func lossesAndGradientsDoNotDependOnHowShardsAreShared(worldSize: Int) async throws {
        let alone = try await trace(worldSize: 1, steps: 2)[0]
        let ranks = try await trace(worldSize: worldSize, steps: 2)
        let largest = alone.gradients.map(abs).max() ?? 0
        #expect(largest > 1e-3)
        for (rank, trace) in ranks.enumerated() {
            #expect(trace.tokens == alone.tokens, "rank \(rank)")
            for (key, value) in alone.values[0] {
                let other = try #require(trace.values[0][key], "\(key)")
                #expect(abs(other - value) <= 1e-6 * max(1, abs(value)), "rank \(rank), \(key): \(other), \(value)")
            }
            let difference = zip(alone.gradients, trace.gradients).map { abs($0 - $1) }.max() ?? .infinity
            #expect(difference < 1e-6 * max(1, largest), "rank \(rank): gradients differ by \(difference)")
            #expect(trace.weights == ranks[0].weights && trace.optimizer == ranks[0].optimizer, "rank \(rank)")
            #expect(trace.values == ranks[0].values, "rank \(rank)")
        }
    }

    @Test func stopOfAnyRankIsKnownToAllInTheSameStep() async throws {
        let configuration = try PreparedFixture.shared.get().configuration()
        let stops = try await ThreadExchange.ranks(3) { exchange in
            let program = try PretrainingProgram(configuration, in: ComputeContext())
            return try (0..<3).map { step in
                try program.train(step: step, stopRequested: exchange.rank == 2 && step == 1, exchange: exchange).stop
            }
        }
        #expect(stops == [[Bool]](repeating: [false, true, false], count: 3))
    }

    @Test func frozenParametersStayWhatTheyWere() throws {
        let program = try program(["optimizer.freeze=[albert.embeddings]"])
        let tensors: () -> [String: [Float]] = {
            let weights = program.checkpoint(completedSteps: 0).weights
            return Dictionary(
                uniqueKeysWithValues: weights.entries.map { entry in
                    (entry.name, unsafe weights.withBytes(of: entry) { unsafe Array($0.bindMemory(to: Float.self)) })
                })
        }
        let before = tensors()
        // The first update has rate 0 where there is a warm-up.
        for step in 0..<3 { _ = try program.train(step: step, stopRequested: false, exchange: LocalExchange()) }
        for (name, values) in tensors() {
            #expect((values == before[name]) == name.hasPrefix("albert.embeddings"), "\(name)")
        }
        #expect(throws: AlgorithmsError.self) { try self.program(["optimizer.freeze=[bert.embeddings]"]) }
    }

    @Test(arguments: ["fp32", "bf16"]) func trainingLowersTheLoss(precision: String) throws {
        let program = try program(["precision=\(precision)"])
        #expect(program.summary["precision"]?.hasPrefix(precision) == true)
        var losses: [Double] = []
        for step in 0..<30 {
            let outcome = try program.train(step: step, stopRequested: false, exchange: LocalExchange())
            losses.append(try #require(outcome.values["masked_lm_loss"]))
        }
        let (first, last) = (losses[..<5].reduce(0, +) / 5, losses[25...].reduce(0, +) / 5)
        #expect(last < first - 0.3, "from \(first) to \(last), seed 11")
    }

    @Test(arguments: [2, 3, 7]) func evaluationDoesNotDependOnTheNumberOfRanks(worldSize: Int) async throws {
        let configuration = try PreparedFixture.shared.get().configuration()
        func reports(_ worldSize: Int) async throws -> [[String: Double]] {
            try await ThreadExchange.ranks(worldSize) { exchange in
                try PretrainingProgram(configuration, in: ComputeContext()).evaluate(step: 9, exchange: exchange)
            }
        }
        let alone = try await reports(1)[0]
        #expect(alone["global_step"] == 9)
        for report in try await reports(worldSize) { #expect(report == alone) }
    }

    @Test func evaluationUsesNoDropoutAndLeavesTheStateAlone() throws {
        let program = try program()
        let before = program.digests()
        let first = try program.evaluate(step: 1, exchange: LocalExchange())
        #expect(try program.evaluate(step: 1, exchange: LocalExchange()) == first)
        #expect(program.digests() == before)
        let loss = try #require(first["masked_lm_loss"])
        let unigram = try #require(first["unigram_cross_entropy"])
        // Fresh weights know nothing: close to log 90, and worse than the frequencies.
        #expect(abs(loss - 4.5) < 0.3 && unigram < loss, "loss \(loss), unigram \(unigram), seed 11")
    }

    @Test func divergedTrainingNamesStepLossAndLearningRate() throws {
        let program = try program(["optimizer.learning_rate=1000000"])
        let error = #expect(throws: AlgorithmsError.self) {
            for step in 0..<60 { _ = try program.train(step: step, stopRequested: false, exchange: LocalExchange()) }
        }
        #expect(error?.code == .notFinite)
        let text = "\(String(describing: error))"
        for word in ["step ", "loss ", "gradient norm ", "optimizer.learning_rate (now 1000000.0)"] {
            #expect(text.contains(word), "\(text)")
        }
    }

    /// Each rounding changes a number by 0.2 % at most, so a step's gradient stays within a few percent, and the weights
    /// that eight steps make are close enough for the same losses. Weights that were not read anew would show.
    @Test func bfloat16FollowsFloat32() throws {
        let (full, rounded) = try (program(), program(["precision=bf16"]))
        for step in 0..<8 {
            let expected = try full.train(step: step, stopRequested: false, exchange: LocalExchange()).values
            let got = try rounded.train(step: step, stopRequested: false, exchange: LocalExchange()).values
            for (key, tolerance) in [("loss", 0.01), ("gradient_norm", 0.05)] {
                let (expected, got) = (try #require(expected[key]), try #require(got[key]))
                #expect(abs(got / expected - 1) < tolerance, "step \(step), \(key): \(got), \(expected), seed 11")
            }
        }
        let evaluation = try rounded.evaluate(step: 8, exchange: LocalExchange())
        let (expected, got) = (try full.evaluate(step: 8, exchange: LocalExchange())["loss"], evaluation["loss"])
        #expect(abs(try #require(got) / #require(expected) - 1) < 0.01, "seed 11")
        let restored = try program(["precision=bf16"])
        #expect(try restored.restore(rounded.checkpoint(completedSteps: 8)) == 8)
        #expect(try restored.evaluate(step: 8, exchange: LocalExchange()) == evaluation)
    }

    @Test func checkpointedActivationsTrainTheSameWeights() throws {
        let results = try [false, true].map { checkpointing in
            let program = try program(["training.activation_checkpointing=\(checkpointing)"])
            let values = try (0..<3).map {
                try program.train(step: $0, stopRequested: false, exchange: LocalExchange()).values
            }
            return (values, program.digests().weights, program.digests().optimizer)
        }
        #expect(results[0] == results[1])
    }

    @Test func aStepReportsTokensAndThePaddingThatIsNotComputed() throws {
        let outcome = try program().train(step: 0, stopRequested: false, exchange: LocalExchange())
        #expect(outcome.values["tokens"] == Double(outcome.tokens))
        #expect(try #require(outcome.values["padded_tokens"]) > Double(outcome.tokens))
    }

    @Test func stepsTakeNoMemoryFromTheSystemOnceWarm() throws {
        let context = ComputeContext()
        let program = try program(in: context)
        var counts: [Int] = []
        // The same records again and again: batches of other lengths may need other blocks.
        for round in 0..<5 {
            for step in 0..<3 {
                _ = try program.train(step: step, stopRequested: false, exchange: LocalExchange())
            }
            counts.append(context.memory.statistics.systemAllocations)
            #expect(round < 2 || counts[round] == counts[1], "system allocations after each round: \(counts)")
        }
    }
}
