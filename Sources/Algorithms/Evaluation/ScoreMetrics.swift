/// Measures of predicted numbers against the right ones; both arrays are of one length.
package enum ScoreMetrics {
    /// The mean of the squared differences; 0 of nothing.
    package static func meanSquaredError(_ predictions: [Double], _ labels: [Double]) -> Double {
        ratio(zip(predictions, labels).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }, Double(labels.count))
    }

    /// Pearson's correlation; nil if either side is constant, when there is none.
    package static func pearson(_ predictions: [Double], _ labels: [Double]) -> Double? {
        let (left, right) = (centred(predictions), centred(labels))
        let (leftNorm, rightNorm) = (norm(left), norm(right))
        guard leftNorm > 0, rightNorm > 0 else { return nil }
        // Divided before they are multiplied, so that large or small numbers neither overflow nor vanish.
        let value = zip(left, right).reduce(0) { $0 + ($1.0 / leftNorm) * ($1.1 / rightNorm) }
        return min(1, max(-1, value))
    }

    /// Spearman's correlation: Pearson's of the ranks; nil if either side is constant.
    package static func spearman(_ predictions: [Double], _ labels: [Double]) -> Double? {
        pearson(ranks(predictions), ranks(labels))
    }

    /// The ranks of values from 1; equal values share the mean of theirs.
    package static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
            start = end
        }
        return ranks
    }

    private static func centred(_ values: [Double]) -> [Double] {
        // Not 0 to the last digit even if all values are the same, hence the test on the values themselves.
        guard let first = values.first, values.contains(where: { $0 != first }) else { return values.map { _ in 0 } }
        let mean = values.reduce(0, +) / Double(values.count)
        return values.map { $0 - mean }
    }

    private static func norm(_ values: [Double]) -> Double {
        let largest = values.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else { return 0 }
        return largest * values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
    }
}
