import Glibc
package import Tensor

/// The objectives of fine-tuning. Each gives a differentiable loss and its sums.
///
/// A denominator belongs to the *whole* batch, also when the logits cover one shard of it: then the shards' losses and
/// gradients add up to those of one machine. Labels must be classes of the logits or `ignoredLabel`; others trap.
package enum ClassificationLoss {
    /// The label of what does not count: continuation pieces, special tokens, words that are not masked.
    package static let ignoredLabel: Int32 = -100

    /// Σ w over rows that count, w = `classWeights[label]` or 1: a shard's share of the denominator of `crossEntropy`.
    package static func weight(of labels: [Int32], classWeights: [Double]? = nil) -> Double {
        weights(of: labels, classWeights).reduce(0, +)
    }

    /// Σ w·ce / `denominator` over the rows of [n, C] logits: of sequences, tokens or masked words.
    package static func crossEntropy(
        _ logits: Tensor, labels: [Int32], classWeights: [Double]? = nil, denominator: Double
    ) -> (loss: Tensor, sums: LossSums) {
        let weights = weights(of: labels, classWeights)
        let result = logits.crossEntropy(
            labels: Tensor(ids: labels, shape: [labels.count], in: logits.context),
            weights: Tensor(weights, shape: [labels.count], dtype: logits.dtype, in: logits.context))
        let sums = LossSums(loss: result.loss.item(), weight: weights.reduce(0, +), correct: result.correct)
        return (result.loss.scaled(by: 1 / denominator), sums)
    }

    /// Σ (logit − target)² / `denominator` over the numbers of [n, C] logits; the denominator counts numbers.
    package static func meanSquaredError(
        _ logits: Tensor, targets: [Double], denominator: Double
    ) -> (loss: Tensor, sums: LossSums) {
        checkTargets(targets, logits)
        var sums = LossSums(weight: Double(targets.count))
        let loss = logits.objective { values in
            let errors = zip(values, targets).map { $0 - $1 }
            sums.loss = errors.reduce(0) { $0 + $1 * $1 }
            return (sums.loss, errors.map { 2 * $0 })
        }
        return (loss.scaled(by: 1 / denominator), sums)
    }

    /// Σ −(t·log σ(x) + (1 − t)·log(1 − σ(x))) / `denominator` over the numbers of [n, C] logits with targets t in
    /// 0 ... 1; the denominator counts numbers. `correct` counts numbers on the right side of one half.
    package static func binaryCrossEntropy(
        _ logits: Tensor, targets: [Double], denominator: Double
    ) -> (loss: Tensor, sums: LossSums) {
        checkTargets(targets, logits)
        var sums = LossSums(weight: Double(targets.count))
        let loss = logits.objective { values in
            let pairs = zip(values, targets)
            // max(x, 0) − x·t + log(1 + e^−|x|): the same, without overflow.
            sums.loss = pairs.reduce(0) { $0 + max($1.0, 0) - $1.0 * $1.1 + log1p(exp(-abs($1.0))) }
            sums.correct = pairs.reduce(0) { $0 + (($1.0 > 0) == ($1.1 > 0.5) ? 1 : 0) }
            return (sums.loss, pairs.map { 1 / (1 + exp(-$0)) - $1 })
        }
        return (loss.scaled(by: 1 / denominator), sums)
    }

    /// Σ ce / `denominator` over questions: question i has `groups[i]` choices, which are rows of the [B, 1] logits in
    /// order, and `labels[i]` is the right one among them. The denominator counts questions.
    package static func choices(
        _ logits: Tensor, groups: [Int], labels: [Int32], denominator: Double
    ) -> (loss: Tensor, sums: LossSums) {
        let softmax = GroupedSoftmax(groups: SequenceOffsets(lengths: groups), columns: 1)
        let (loss, sums) = softmax.loss(
            logits, labels: [labels.map { $0 == ignoredLabel ? nil : Int($0) }], denominators: [denominator])
        return (loss, sums[0])
    }

    /// (Σ ce of starts / `denominators.start` + Σ ce of ends / `denominators.end`) / 2 over sequences, each a softmax
    /// over the sequence's own tokens in one column of the [T, 2] logits. Positions below 0 count as 0, those behind the
    /// sequence do not count. The denominators are the `spanCounts` of the whole batch.
    ///
    /// `transformers` lets padding take part in the softmax; here there is none.
    package static func spans(
        _ logits: Tensor, _ sequences: SequenceOffsets, starts: [Int], ends: [Int],
        denominators: (start: Double, end: Double)
    ) -> (loss: Tensor, sums: (start: LossSums, end: LossSums)) {
        let labels = [starts, ends].map { clamped($0, sequences) }
        let (loss, sums) = GroupedSoftmax(groups: sequences, columns: 2).loss(
            logits, labels: labels, denominators: [2 * denominators.start, 2 * denominators.end])
        return (loss, (sums[0], sums[1]))
    }

    /// The starts and ends that count in `spans`.
    package static func spanCounts(
        _ sequences: SequenceOffsets, starts: [Int], ends: [Int]
    ) -> (start: Double, end: Double) {
        func count(_ positions: [Int]) -> Double { Double(clamped(positions, sequences).count { $0 != nil }) }
        return (count(starts), count(ends))
    }

    private static func clamped(_ positions: [Int], _ sequences: SequenceOffsets) -> [Int?] {
        zip(positions, sequences.lengths).map { $0 < $1 ? max($0, 0) : nil }
    }

    private static func weights(of labels: [Int32], _ classWeights: [Double]?) -> [Double] {
        labels.map { $0 == ignoredLabel ? 0 : classWeights?[Int($0)] ?? 1 }
    }

    private static func checkTargets(_ targets: [Double], _ logits: Tensor) {
        precondition(targets.count == logits.count, "\(targets.count) targets for logits \(logits.shape)")
    }
}
