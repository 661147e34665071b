import Glibc

/// What a row of logits says.
package enum Prediction {
    /// The place of the largest number, the first of equals.
    package static func best(_ logits: [Double]) -> Int {
        var best = 0
        for index in logits.indices where logits[index] > logits[best] { best = index }
        return best
    }

    /// exp(logits) / Σ exp(logits).
    package static func softmax(_ logits: [Double]) -> [Double] {
        let peak = logits.max() ?? 0
        let powers = logits.map { exp($0 - peak) }
        let total = powers.reduce(0, +)
        return powers.map { $0 / total }
    }

    /// 1 / (1 + exp(-x)).
    package static func sigmoid(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }

    /// logΣexp(logits) − logits[label], nats.
    package static func crossEntropy(_ logits: [Double], _ label: Int) -> Double {
        let peak = logits.max() ?? 0
        return peak + log(logits.reduce(0) { $0 + exp($1 - peak) }) - logits[label]
    }
}
