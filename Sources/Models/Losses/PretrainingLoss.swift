package import Tensor

/// Numerators and counts of one forward pass; sums over shards give the numbers of the whole batch.
package struct PretrainingSums: Sendable, Hashable {
    /// Σ w·cross-entropy over masked positions, nats.
    package var maskedLMLossSum = 0.0
    /// Σ w over masked positions whose best logit is the right token.
    package var maskedLMCorrect = 0.0
    /// Σ w over masked positions.
    package var maskedLMWeight = 0.0
    /// Σ cross-entropy over sentence pairs, nats.
    package var pairLossSum = 0.0
    /// Sentence pairs whose best logit is the right label.
    package var pairCorrect = 0.0
    /// Sentence pairs.
    package var pairCount = 0.0

    /// Zeros.
    package init() {}

    /// Adds what another pass counted.
    package static func += (total: inout PretrainingSums, part: PretrainingSums) {
        total.maskedLMLossSum += part.maskedLMLossSum
        total.maskedLMCorrect += part.maskedLMCorrect
        total.maskedLMWeight += part.maskedLMWeight
        total.pairLossSum += part.pairLossSum
        total.pairCorrect += part.pairCorrect
        total.pairCount += part.pairCount
    }
}

/// The pretraining objective: masked-LM loss plus sentence-pair loss, weighted equally.
package enum PretrainingLoss {
    /// Keeps the masked-LM loss finite when nothing is masked; part of the original objective.
    package static let denominatorEpsilon = 1e-5

    /// The masked-LM denominator of a whole batch whose weights sum to `weight`: Σ w + 1e-5.
    package static func predictionDenominator(weight: Double) -> Double { weight + denominatorEpsilon }

    /// Σ w·ce / `predictionDenominator` + Σ ce / `pairDenominator`, differentiable, and its parts.
    ///
    /// The denominators belong to the *whole* batch, also when `output` covers one shard of it: then the shards' losses
    /// and gradients add up to those of one machine, whatever each shard holds.
    package static func compute(
        _ output: PretrainingOutput, _ batch: PretrainingBatch, predictionDenominator: Double, pairDenominator: Double
    ) -> (loss: Tensor, sums: PretrainingSums) {
        let prediction = output.predictionLogits.crossEntropy(labels: batch.maskedIDs, weights: batch.maskedWeights)
        let pair = output.pairLogits.crossEntropy(labels: batch.pairLabels, weights: batch.pairWeights)
        var sums = PretrainingSums()
        sums.maskedLMLossSum = prediction.loss.item()
        sums.maskedLMCorrect = prediction.correct
        sums.maskedLMWeight = batch.maskedWeightSum
        sums.pairLossSum = pair.loss.item()
        sums.pairCorrect = pair.correct
        sums.pairCount = Double(batch.batchSize)
        let loss = prediction.loss.scaled(by: 1 / predictionDenominator)
            .add(pair.loss.scaled(by: 1 / pairDenominator))
        return (loss, sums)
    }
}
