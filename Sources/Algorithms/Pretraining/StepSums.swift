package import Models

/// What a pretraining step sums over its samples.
package struct StepSums: Sendable, ExchangedSums {
    /// Elements in the tail of the gradient buffer.
    package static let count = 8

    /// Losses, hits and counts summed over samples.
    package var losses = PretrainingSums()
    /// Ranks that were asked to stop.
    package var stopRequests: Double

    package init(losses: PretrainingSums = PretrainingSums(), stopRequests: Double = 0) {
        self.losses = losses
        self.stopRequests = stopRequests
    }

    /// Reads the sums from the tail of an exchanged buffer of `count` elements.
    package init(_ tail: Span<Float>) {
        losses.maskedLMLossSum = Double(tail[0])
        losses.maskedLMCorrect = Double(tail[1])
        losses.maskedLMWeight = Double(tail[2])
        losses.pairLossSum = Double(tail[3])
        losses.pairCorrect = Double(tail[4])
        losses.pairCount = Double(tail[5])
        stopRequests = Double(tail[6])
    }

    /// The sums as the tail of a gradient buffer; the last element is spare.
    package var tail: [Float] {
        [
            losses.maskedLMLossSum, losses.maskedLMCorrect, losses.maskedLMWeight,
            losses.pairLossSum, losses.pairCorrect, losses.pairCount, stopRequests, 0,
        ].map { Float($0) }
    }

    package static func += (total: inout StepSums, part: StepSums) {
        total.losses += part.losses
        total.stopRequests += part.stopRequests
    }

    /// The step's metrics; the pair objective names two of the keys.
    package func values(pairTask: PretrainingReport.PairTask) -> [String: Double] {
        let denominator = PretrainingLoss.predictionDenominator(weight: losses.maskedLMWeight)
        let maskedLM = losses.maskedLMLossSum / denominator
        let pair = losses.pairLossSum / losses.pairCount
        return [
            "loss": maskedLM + pair,
            "masked_lm_loss": maskedLM,
            "masked_lm_accuracy": losses.maskedLMCorrect / denominator,
            "\(pairTask.rawValue)_loss": pair,
            "\(pairTask.rawValue)_accuracy": losses.pairCorrect / losses.pairCount,
        ]
    }
}
