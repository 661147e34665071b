internal import Glibc

extension Twins {
    /// Weighted cross-entropy of rows of logits: `Σ w·(logΣexp(row) − row[label])`, the weighted count of rows whose
    /// first maximum is the label, and logΣexp per row. Labels of rows of weight 0 are not looked at.
    package static func crossEntropy(
        _ logits: [Double], labels: [Int32], weights: [Double]
    ) -> (loss: Double, correct: Double, logSumExp: [Double]) {
        let width = labels.isEmpty ? 0 : logits.count / labels.count
        var loss = 0.0
        var correct = 0.0
        var logSumExps: [Double] = []
        for (index, label) in labels.enumerated() {
            let row = logits[index * width..<(index + 1) * width]
            let peak = row.max() ?? 0
            let logSumExp = peak + log(row.reduce(0) { $0 + exp($1 - peak) })
            logSumExps.append(logSumExp)
            if weights[index] == 0 { continue }
            loss += weights[index] * (logSumExp - row[row.startIndex + Int(label)])
            let best = row.firstIndex(of: peak) ?? row.startIndex
            if best - row.startIndex == Int(label) { correct += weights[index] }
        }
        return (loss, correct, logSumExps)
    }

    /// The gradient of the loss with respect to the logits, times `seed`: `seed·w·(softmax(row) − onehot(label))`.
    package static func crossEntropyGradient(
        _ logits: [Double], labels: [Int32], weights: [Double], logSumExp: [Double], seed: Double
    ) -> [Double] {
        let width = labels.isEmpty ? 0 : logits.count / labels.count
        var gradient = logits
        for (index, label) in labels.enumerated() {
            for column in 0..<width {
                let probability = exp(logits[index * width + column] - logSumExp[index])
                let target: Double = column == Int(label) ? 1 : 0
                gradient[index * width + column] = seed * weights[index] * (probability - target)
            }
        }
        return gradient
    }
}
