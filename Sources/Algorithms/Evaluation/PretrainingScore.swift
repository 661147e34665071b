package import Models

/// The sums behind the metrics of one evaluation batch.
package struct PretrainingScore: Sendable, Equatable {
    /// Σ weight · cross-entropy over the masked positions, in nats.
    package var maskedLoss: Double
    /// Σ weight over the masked positions that were guessed right.
    package var maskedCorrect: Double
    /// Σ weight over the masked positions.
    package var maskedWeight: Double
    /// Σ −ln p of the masked tokens under a unigram distribution, in nats.
    package var unigramLoss: Double
    /// Σ cross-entropy of the sentence-pair labels, in nats.
    package var pairLoss: Double
    /// Pairs whose label was guessed right.
    package var pairCorrect: Int
    /// Pairs.
    package var pairCount: Int
    /// Pairs with label 1: swapped, or a random second sentence.
    package var pairPositives: Int

    /// The sums of one batch.
    package init(
        maskedLoss: Double, maskedCorrect: Double, maskedWeight: Double, unigramLoss: Double, pairLoss: Double,
        pairCorrect: Int, pairCount: Int, pairPositives: Int
    ) {
        self.maskedLoss = maskedLoss
        self.maskedCorrect = maskedCorrect
        self.maskedWeight = maskedWeight
        self.unigramLoss = unigramLoss
        self.pairLoss = pairLoss
        self.pairCorrect = pairCorrect
        self.pairCount = pairCount
        self.pairPositives = pairPositives
    }

    /// The sums of a batch's forward passes, with what the model does not know: the unigram loss of the same masked
    /// tokens and the number of pairs with label 1.
    package init(_ sums: PretrainingSums, unigramLoss: Double, pairPositives: Int) {
        self.init(
            maskedLoss: sums.maskedLMLossSum, maskedCorrect: sums.maskedLMCorrect, maskedWeight: sums.maskedLMWeight,
            unigramLoss: unigramLoss, pairLoss: sums.pairLossSum, pairCorrect: Int(sums.pairCorrect),
            pairCount: Int(sums.pairCount), pairPositives: pairPositives)
    }

    /// The batch's own loss, as training sees it: Σ w·ce / (Σ w + 1e-5) plus the mean pair loss.
    package var total: Double {
        maskedLoss / PretrainingLoss.predictionDenominator(weight: maskedWeight)
            + (pairCount == 0 ? 0 : pairLoss / Double(pairCount))
    }
}
