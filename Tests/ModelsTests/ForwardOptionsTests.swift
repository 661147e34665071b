import Models
import Tensor
import Testing

/// The ways to run a model that must not change its results.
struct ForwardOptionsTests {
    static let seed: UInt64 = 21
    static let families = [GoldenModels.albert, GoldenModels.bert()]
    /// One token alone, a sequence without a masked one, and longer ones.
    static let lengths = [7, 1, 12, 5]

    private func run(
        _ configuration: ModelConfiguration, dtype: DType, _ options: ForwardOptions
    ) throws -> (logits: [Double], loss: Double, gradients: [Double]) {
        let context = ComputeContext(threads: 2)
        let model = try GoldenModels.model(configuration, dtype: dtype, in: context)
        let batch = RandomBatches.batch(lengths: Self.lengths, seed: Self.seed, dtype: dtype, in: context)
        return RandomBatches.run(model, batch, options)
    }

    /// The hidden states that are kept include rows that no head reads; without them the last layer computes the
    /// needed rows alone.
    @Test(arguments: families, [(DType.float32, 1e-6), (.float64, 1e-13)])
    func rowsThatNoHeadReadsAreNotMissed(configuration: ModelConfiguration, precision: (DType, Double)) throws {
        let (dtype, tolerance) = precision
        let needed = try run(configuration, dtype: dtype, ForwardOptions())
        let all = try run(configuration, dtype: dtype, ForwardOptions(keepingHiddenStates: true))
        for (name, got, expected) in [
            ("logits", needed.logits, all.logits), ("gradients", needed.gradients, all.gradients),
        ] {
            let problem = difference(got, expected, tolerance: tolerance)
            #expect(problem == nil, "\(dtype) \(name): \(problem ?? ""), seed \(Self.seed)")
        }
        #expect(abs(needed.loss - all.loss) <= tolerance * all.loss)
        #expect(all.gradients.contains { abs($0) > 0.01 })
    }

    @Test(arguments: families, [false, true])
    func checkpointingGivesTheSameBits(configuration: ModelConfiguration, keepingHiddenStates: Bool) throws {
        var configuration = configuration
        configuration.encoder.hiddenDropoutRate = 0.2
        configuration.encoder.attentionDropoutRate = 0.1
        var options = ForwardOptions(
            dropout: RandomKey(seed: Self.seed, step: 4, shard: 2), keepingHiddenStates: keepingHiddenStates)
        let stored = try run(configuration, dtype: .float32, options)
        options.checkpointing = true
        let recomputed = try run(configuration, dtype: .float32, options)
        #expect(stored.logits == recomputed.logits && stored.loss == recomputed.loss)
        #expect(stored.gradients == recomputed.gradients)
        options.dropout = nil
        #expect(try run(configuration, dtype: .float32, options).loss != stored.loss, "nothing was dropped")
    }

    @Test(arguments: families) func checkpointingKeepsLessAlive(configuration: ModelConfiguration) throws {
        func bytes(checkpointing: Bool) throws -> Int {
            let context = ComputeContext(threads: 1)
            let model = try GoldenModels.model(configuration, dtype: .float32, in: context)
            let batch = RandomBatches.batch(lengths: [12, 12, 12, 12], seed: Self.seed, in: context)
            let before = context.memory.statistics.bytesInUse
            let output = model.forward(batch, dropout: nil, checkpointing: checkpointing)
            return withExtendedLifetime(output) { context.memory.statistics.bytesInUse - before }
        }
        let (stored, recomputed) = try (bytes(checkpointing: false), bytes(checkpointing: true))
        #expect(recomputed < stored / 2, "\(recomputed) bytes instead of \(stored)")
    }

    /// Each sequence as if it were alone, whatever lies before and behind it.
    @Test(arguments: families) func sequencesDoNotSeeEachOther(configuration: ModelConfiguration) throws {
        let context = ComputeContext(threads: 1)
        let model = try GoldenModels.model(configuration, dtype: .float64, in: context)
        let sequences: [[Int32]] = [[2, 5, 7, 3], [2, 9, 3], [2, 4, 4, 13, 6, 8, 1, 3, 17, 3]]
        func logits(_ chosen: [[Int32]]) -> (predictions: [Double], pairs: [Double]) {
            let starts = SequenceOffsets(lengths: chosen.map(\.count)).starts
            let batch = PretrainingBatch(
                inputIDs: chosen.flatMap { $0 }, segmentIDs: chosen.flatMap { $0.map { _ in 0 } },
                lengths: chosen.map(\.count), maskedRows: starts.map { Int32($0) + 1 },
                maskedIDs: chosen.map { _ in 4 },
                maskedWeights: chosen.map { _ in 1 }, pairLabels: chosen.map { _ in 0 }, dtype: .float64, in: context)
            let output = model.forward(batch, dropout: nil)
            return (output.predictionLogits.doubles(), output.pairLogits.doubles())
        }
        let together = logits(sequences)
        let alone = sequences.map { logits([$0]) }
        let problem =
            difference(together.predictions, alone.flatMap(\.predictions), tolerance: 1e-13)
            ?? difference(together.pairs, alone.flatMap(\.pairs), tolerance: 1e-13)
        #expect(problem == nil, "\(problem ?? "")")
        #expect(Set(together.predictions).count > 20, "the sequences should differ for this to say much")
    }
}
