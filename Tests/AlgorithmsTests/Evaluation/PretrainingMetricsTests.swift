import Algorithms
import Foundation
import Testing

@Suite struct PretrainingMetricsTests {
    private static let scores: [PretrainingScore] = [
        PretrainingScore(
            maskedLoss: 30, maskedCorrect: 4, maskedWeight: 10, unigramLoss: 61, pairLoss: 2, pairCorrect: 3,
            pairCount: 4, pairPositives: 1),
        PretrainingScore(
            maskedLoss: 12.625, maskedCorrect: 1, maskedWeight: 5, unigramLoss: 30.1, pairLoss: 0.7, pairCorrect: 2,
            pairCount: 2, pairPositives: 2),
        PretrainingScore(
            maskedLoss: 1.0 / 3, maskedCorrect: 0, maskedWeight: 1, unigramLoss: 8, pairLoss: 1.0 / 7, pairCorrect: 0,
            pairCount: 1, pairPositives: 0),
    ]

    @Test func sumsAreWeightedAndBatchLossesAveraged() throws {
        var metrics = PretrainingMetrics()
        for score in Self.scores.prefix(2) { try metrics.add(score) }
        let report = try metrics.report(globalStep: 12, pairTask: .sentenceOrder)
        let close = { (left: Double, right: Double) in abs(left - right) < 1e-7 }
        #expect(close(report.maskedLoss, 42.625 / 15))
        #expect(close(report.maskedAccuracy, 5.0 / 15))
        #expect(close(report.unigramCrossEntropy, 91.1 / 15))
        #expect(close(report.pairLoss, 2.7 / 6))
        #expect(close(report.pairAccuracy, 5.0 / 6))
        #expect(close(report.pairMajority, 0.5))
        let (first, second) = (30 / 10.00001 + 0.5, 12.625 / 5.00001 + 0.35)
        #expect(close(report.loss, (first + second) / 2))
    }

    @Test func everySplitOverRanksGivesTheSameBits() throws {
        var whole = PretrainingMetrics()
        for score in Self.scores { try whole.add(score) }
        for split in [[[0], [1], [2]], [[0, 1], [2]], [[2, 0], [1]], [[], [0, 1, 2], []], [[1, 2, 0]]] {
            var merged = PretrainingMetrics()
            var vector = [Float](repeating: 0, count: PretrainingMetrics.exchangeCount)
            for batches in split {
                var part = PretrainingMetrics()
                for batch in batches { try part.add(Self.scores[batch]) }
                merged.merge(part)
                for (index, limb) in part.exchangeVector.enumerated() { vector[index] += limb }
            }
            #expect(merged == whole, "\(split)")
            #expect(PretrainingMetrics(exchangeVector: vector) == whole, "\(split)")
        }
    }

    @Test func largeSumsSurviveTheExchangeOfManyRanks() throws {
        var part = PretrainingMetrics()
        try part.add(
            PretrainingScore(
                maskedLoss: 123_456_789.125, maskedCorrect: 65_535, maskedWeight: 16_777_217, unigramLoss: 2e9,
                pairLoss: 4095.9375, pairCorrect: 1_000_001, pairCount: 1_000_003, pairPositives: 999_999))
        var merged = PretrainingMetrics()
        var vector = [Float](repeating: 0, count: PretrainingMetrics.exchangeCount)
        for _ in 0..<128 {
            merged.merge(part)
            for (index, limb) in part.exchangeVector.enumerated() { vector[index] += limb }
        }
        #expect(PretrainingMetrics(exchangeVector: vector) == merged)
    }

    @Test func nothingScoredIsAnError() throws {
        #expect {
            try PretrainingMetrics().report(globalStep: 0, pairTask: .sentenceOrder)
        } throws: {
            ($0 as? AlgorithmsError)?.code == .noData
        }
        var metrics = PretrainingMetrics()
        try metrics.add(
            PretrainingScore(
                maskedLoss: 0, maskedCorrect: 0, maskedWeight: 0, unigramLoss: 0, pairLoss: 1, pairCorrect: 1,
                pairCount: 1, pairPositives: 0))
        #expect(throws: AlgorithmsError.self) { try metrics.report(globalStep: 0, pairTask: .sentenceOrder) }
    }

    @Test(arguments: [Double.nan, .infinity, -1, 1e30])
    func aLossThatIsNoLossIsRefusedAndLeavesTheSums(value: Double) throws {
        var metrics = PretrainingMetrics()
        try metrics.add(Self.scores[0])
        let before = metrics
        var broken = Self.scores[1]
        broken.maskedLoss = value
        #expect {
            try metrics.add(broken)
        } throws: {
            "\($0)".contains("maskedLoss")
        }
        #expect(metrics == before)
    }

    @Test func theReportPrintsSortedKeys() throws {
        var metrics = PretrainingMetrics()
        try metrics.add(Self.scores[0])
        let report = try metrics.report(globalStep: 125_000, pairTask: .sentenceOrder)
        #expect(
            report.text == """
                ***** Eval results *****
                global_step = 125000
                loss = 3.4999971
                masked_lm_accuracy = 0.4
                masked_lm_loss = 3.0
                sentence_order_accuracy = 0.75
                sentence_order_loss = 0.5
                sentence_order_majority = 0.75
                unigram_cross_entropy = 6.1

                """)
        let path = FileManager.default.temporaryDirectory.appending(path: "eval-\(UUID().uuidString).txt")
        defer { try? FileManager.default.removeItem(at: path) }
        try report.write(to: path.path(percentEncoded: false))
        #expect(try "***** Eval results *****\n" + String(contentsOf: path, encoding: .utf8) == report.text)
        let next = try metrics.report(globalStep: 1, pairTask: .nextSentence)
        #expect(next.lines.contains("next_sentence_accuracy = 0.75\n"))
    }

    @Test func unigramLossIsTheCrossEntropyOfSmoothedCounts() {
        let distribution = UnigramDistribution(counts: [3, 0, 1])
        // Probabilities 4/7, 1/7, 2/7.
        #expect(abs(distribution.loss(of: [0, 1, 2, 0]) - log(7.0 / 4 * 7 * 7 / 2 * 7 / 4)) < 1e-12)
        #expect(distribution.loss(of: []) == 0)
        #expect(distribution.loss(of: [3]) == .infinity)
        #expect(distribution.loss(of: [-1]) == .infinity)
    }
}
