/// Numerators and counts of a loss over one part of a batch; sums over parts give the numbers of the whole.
package struct LossSums: Sendable, Hashable {
    /// Σ w·loss: what the denominator divides.
    package var loss = 0.0
    /// Σ w: what a part adds to the denominator.
    package var weight = 0.0
    /// Σ w over those whose prediction is right; 0 for scores.
    package var correct = 0.0

    /// Zeros, unless said otherwise.
    package init(loss: Double = 0, weight: Double = 0, correct: Double = 0) {
        self.loss = loss
        self.weight = weight
        self.correct = correct
    }

    /// Adds what another part counted.
    package static func += (total: inout LossSums, part: LossSums) {
        total.loss += part.loss
        total.weight += part.weight
        total.correct += part.correct
    }
}
