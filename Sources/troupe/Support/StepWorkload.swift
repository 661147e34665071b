import Algorithms
import ArgumentParser
import Models
import Text

/// The lengths of the sequences in a synthetic batch.
enum LengthRule: String, CaseIterable, ExpressibleByArgument {
    /// Every sequence is as long as it can be.
    case full
    /// Most are short and few are long, as in real text: sequence i of B has ceil(S·((i + 1) / B)²) tokens, at least 8.
    /// A formula instead of a draw, so that other programs can be given the same lengths.
    case real

    /// The lengths of `count` sequences of at most `longest` tokens.
    func lengths(count: Int, longest: Int) -> [Int] {
        (1...count).map { index in
            switch self {
            case .full: longest
            case .real:
                // In whole numbers, so that every program rounds alike.
                min(longest, max(8, (longest * index * index + count * count - 1) / (count * count)))
            }
        }
    }
}

/// What one benchmarked training step computes.
struct StepWorkload: Sendable {
    /// The name of the published model.
    let modelName: String
    let model: ModelConfiguration
    let precision: RunConfiguration.Precision
    let optimizer: OptimizerName
    /// Sequences of the batch.
    let batchSize: Int
    /// Places for tokens in each of them.
    let sequenceLength: Int
    let lengthRule: LengthRule
    /// Whether layers are computed again in the backward pass instead of kept.
    let recomputesActivations: Bool

    /// Tokens of each sequence.
    var lengths: [Int] { lengthRule.lengths(count: batchSize, longest: sequenceLength) }
    /// Tokens of the batch.
    var tokens: Int { lengths.reduce(0, +) }
    /// Places for tokens in the batch; those without one are padding.
    var slots: Int { batchSize * sequenceLength }
    /// Predicted positions of the batch.
    var predictions: Int { lengths.reduce(0) { $0 + Self.predictions(length: $1) } }

    /// Predicted positions of a sequence: 15 %.
    static func predictions(length: Int) -> Int { max(1, Int((0.15 * Double(length)).rounded())) }

    /// The batch: ids, positions to predict and what stands there are random, from a fixed seed.
    func records() -> [PretrainingRecord] {
        lengths.enumerated().map { row, length in
            var generator = SplitMix64(seed: 1, UInt64(row))
            let vocabulary = model.encoder.vocabularySize
            func id() -> Int32 { Int32(generator.below(vocabulary)) }
            let count = Self.predictions(length: length)
            let positions = (0..<length).shuffled(using: &generator).prefix(count).sorted().map(Int32.init)
            return PretrainingRecord(
                inputIDs: (0..<length).map { _ in id() },
                segmentIDs: (0..<length).map { $0 < length / 2 ? 0 : 1 },
                tokenBoundary: [UInt8](repeating: 1, count: length), maskedPositions: positions,
                maskedIDs: (0..<count).map { _ in id() }, pairLabel: Int32(row % 2))
        }
    }
}
