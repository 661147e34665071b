internal import Glibc

extension Twins {
    /// `softmax(q·kᵀ/√d)` over the keys of each sequence, all squares of `layout` (Vaswani et al. 2017, equation 1).
    package static func attentionProbabilities(_ operands: [Double], _ layout: AttentionLayout) -> [Double] {
        var result: [Double] = []
        for index in 0..<layout.itemCount {
            let item = layout.item(index)
            let rows = item.firstRow..<item.firstRow + item.length
            for query in rows {
                let scores = rows.map { key in
                    layout.scale
                        * (0..<layout.width).reduce(0.0) { sum, column in
                            sum + operands[layout.operand(part: 0, row: query, head: item.head, column: column)]
                                * operands[layout.operand(part: 1, row: key, head: item.head, column: column)]
                        }
                }
                let peak = scores.max() ?? 0
                let exponentials = scores.map { exp($0 - peak) }
                let sum = exponentials.reduce(0, +)
                result += exponentials.map { $0 / sum }
            }
        }
        return result
    }

    /// `probabilities·v`, heads side by side: [T, heads·width].
    package static func attentionContext(
        probabilities: [Double], _ operands: [Double], _ layout: AttentionLayout
    ) -> [Double] {
        var result = [Double](repeating: 0, count: layout.sequences.tokenCount * layout.resultWidth)
        forEachProduct(layout) { item, query, key, probability, column in
            result[layout.result(row: query, head: item.head, column: column)] +=
                probabilities[probability]
                * operands[layout.operand(part: 2, row: key, head: item.head, column: column)]
        }
        return result
    }

    /// The gradient of attention with respect to its operands; `probabilities` are those before dropout.
    package static func attentionGradient(
        _ gradient: [Double], probabilities: [Double], _ operands: [Double], _ layout: AttentionLayout,
        _ dropout: Dropout?
    ) -> [Double] {
        let used = dropout.map { dropped(probabilities, $0) } ?? probabilities
        var result = [Double](repeating: 0, count: operands.count)
        var upstream = [Double](repeating: 0, count: probabilities.count)
        forEachProduct(layout) { item, query, key, probability, column in
            let value = layout.operand(part: 2, row: key, head: item.head, column: column)
            let arriving = gradient[layout.result(row: query, head: item.head, column: column)]
            upstream[probability] += arriving * operands[value]
            result[value] += arriving * used[probability]
        }
        if let dropout { upstream = dropped(upstream, dropout) }
        var scores = upstream
        for index in 0..<layout.itemCount {
            let item = layout.item(index)
            for query in 0..<item.length {
                let start = item.firstProbability + query * item.length
                let keys = start..<start + item.length
                let mean = keys.reduce(0.0) { $0 + upstream[$1] * probabilities[$1] }
                for k in keys { scores[k] = layout.scale * probabilities[k] * (upstream[k] - mean) }
            }
        }
        forEachProduct(layout) { item, query, key, probability, column in
            let q = layout.operand(part: 0, row: query, head: item.head, column: column)
            let k = layout.operand(part: 1, row: key, head: item.head, column: column)
            result[q] += scores[probability] * operands[k]
            result[k] += scores[probability] * operands[q]
        }
        return result
    }

    /// Visits every (square, query row, key row, column) with the index of its probability.
    private static func forEachProduct(
        _ layout: AttentionLayout,
        _ body: (_ item: AttentionLayout.Item, _ query: Int, _ key: Int, _ probability: Int, _ column: Int) -> Void
    ) {
        for index in 0..<layout.itemCount {
            let item = layout.item(index)
            for query in 0..<item.length {
                for key in 0..<item.length {
                    let probability = item.firstProbability + query * item.length + key
                    for column in 0..<layout.width {
                        body(item, item.firstRow + query, item.firstRow + key, probability, column)
                    }
                }
            }
        }
    }
}
