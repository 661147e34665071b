/// Metrics of a pretraining evaluation, gathered batch by batch and rank by rank.
///
/// Sums are kept in fixed point, so adding is exact and its order does not matter: any split of the same batches over
/// any number of ranks gives the same bits.
package struct PretrainingMetrics: Sendable, Equatable {
    /// Fractional bits of a sum: a batch is rounded to 6e-8, the largest sum is 5e11.
    private static let fractionBits = 24
    private static let limit = 0x1p38
    /// A sum travels as six numbers of 12 bits, which a float32 adds without rounding for up to 4,096 ranks.
    private static let limbBits = 12
    private static let limbCount = 6

    private enum Sum: Int, CaseIterable {
        case maskedLoss, maskedCorrect, maskedWeight, unigramLoss
        case pairLoss, pairCorrect, pairCount, pairPositives
        case batchLoss, batchCount
    }

    private var sums = [Int64](repeating: 0, count: Sum.allCases.count)

    /// Metrics of no batch.
    package init() {}

    /// Numbers in `exchangeVector`.
    package static let exchangeCount = Sum.allCases.count * limbCount

    /// Adds one batch.
    ///
    /// - Throws: `notFinite` naming the sum that is not a number this can hold.
    package mutating func add(_ score: PretrainingScore) throws(AlgorithmsError) {
        let values: [(Sum, Double)] = [
            (.maskedLoss, score.maskedLoss), (.maskedCorrect, score.maskedCorrect),
            (.maskedWeight, score.maskedWeight), (.unigramLoss, score.unigramLoss), (.pairLoss, score.pairLoss),
            (.pairCorrect, Double(score.pairCorrect)), (.pairCount, Double(score.pairCount)),
            (.pairPositives, Double(score.pairPositives)), (.batchLoss, score.total), (.batchCount, 1),
        ]
        for (sum, value) in values where !(value >= 0 && value < Self.limit) {
            throw AlgorithmsError(.notFinite, "evaluation: expected a finite sum from 0 for \(sum), got \(value)")
        }
        for (sum, value) in values {
            sums[sum.rawValue] += Int64((value * Double(1 << Self.fractionBits)).rounded())
        }
    }

    /// Adds the batches of another rank.
    package mutating func merge(_ other: PretrainingMetrics) {
        for index in sums.indices { sums[index] += other.sums[index] }
    }

    /// The sums as small whole numbers. The element-wise sum of several ranks' vectors holds the merged metrics.
    package var exchangeVector: [Float] {
        sums.flatMap { sum in
            (0..<Self.limbCount).map { Float(sum >> (Self.limbBits * $0) & (1 << Self.limbBits - 1)) }
        }
    }

    /// Reads the element-wise sum of exchange vectors.
    ///
    /// - Precondition: `exchangeVector` has `exchangeCount` elements.
    package init(exchangeVector: [Float]) {
        precondition(exchangeVector.count == Self.exchangeCount, "\(exchangeVector.count) numbers are no metrics")
        for index in sums.indices {
            for limb in 0..<Self.limbCount {
                sums[index] += Int64(exchangeVector[index * Self.limbCount + limb]) << (Self.limbBits * limb)
            }
        }
    }

    private func value(_ sum: Sum) -> Double { Double(sums[sum.rawValue]) / Double(1 << Self.fractionBits) }

    /// The metrics of all batches so far.
    ///
    /// - Throws: `noData` if there was no batch, no masked token or no sentence pair.
    package func report(globalStep: Int, pairTask: PretrainingReport.PairTask) throws(AlgorithmsError)
        -> PretrainingReport
    {
        let (weight, pairs, batches) = (value(.maskedWeight), value(.pairCount), value(.batchCount))
        guard batches > 0, weight > 0, pairs > 0 else {
            throw AlgorithmsError(
                .noData,
                "evaluation: nothing to score in \(Int(batches)) batches with \(weight) masked tokens and "
                    + "\(Int(pairs)) sentence pairs")
        }
        let positives = value(.pairPositives)
        return PretrainingReport(
            globalStep: globalStep, pairTask: pairTask, loss: value(.batchLoss) / batches,
            maskedAccuracy: value(.maskedCorrect) / weight, maskedLoss: value(.maskedLoss) / weight,
            unigramCrossEntropy: value(.unigramLoss) / weight, pairAccuracy: value(.pairCorrect) / pairs,
            pairLoss: value(.pairLoss) / pairs, pairMajority: max(positives, pairs - positives) / pairs)
    }
}
