internal import Glibc

extension Twins {
    /// `softmax(q·kᵀ/√d + mask)` over the keys, as [B, heads, S, S] (Vaswani et al. 2017, equation 1).
    package static func attentionProbabilities(
        query: [Double], key: [Double], mask: [Double]?, _ extents: AttentionExtents
    ) -> [Double] {
        let (sequence, scale) = (extents.sequence, 1 / Double(extents.width).squareRoot())
        var result = [Double](repeating: 0, count: extents.batch * extents.heads * sequence * sequence)
        for b in 0..<extents.batch {
            for head in 0..<extents.heads {
                for q in 0..<sequence {
                    var scores = (0..<sequence).map { mask?[b * sequence + $0] ?? 0 }
                    for k in 0..<sequence {
                        var dot = 0.0
                        for column in 0..<extents.width {
                            dot += query[extents.index(b, q, head, column)] * key[extents.index(b, k, head, column)]
                        }
                        scores[k] += dot * scale
                    }
                    let peak = scores.max() ?? 0
                    let exponentials = scores.map { exp($0 - peak) }
                    let sum = exponentials.reduce(0, +)
                    for k in 0..<sequence { result[extents.probability(b, head, q, k)] = exponentials[k] / sum }
                }
            }
        }
        return result
    }

    /// `probabilities·v`, heads side by side: [B, S, heads·width].
    package static func attentionContext(
        probabilities: [Double], value: [Double], _ extents: AttentionExtents
    ) -> [Double] {
        var result = [Double](repeating: 0, count: value.count)
        extents.forEachProduct { b, head, q, k, column in
            result[extents.index(b, q, head, column)] +=
                probabilities[extents.probability(b, head, q, k)] * value[extents.index(b, k, head, column)]
        }
        return result
    }

    /// The gradient of `attentionContext` with respect to probabilities and values.
    package static func attentionContextGradient(
        _ gradient: [Double], probabilities: [Double], value: [Double], _ extents: AttentionExtents
    ) -> (probabilities: [Double], value: [Double]) {
        var probabilityGradient = [Double](repeating: 0, count: probabilities.count)
        var valueGradient = [Double](repeating: 0, count: value.count)
        extents.forEachProduct { b, head, q, k, column in
            let upstream = gradient[extents.index(b, q, head, column)]
            let p = extents.probability(b, head, q, k)
            probabilityGradient[p] += upstream * value[extents.index(b, k, head, column)]
            valueGradient[extents.index(b, k, head, column)] += upstream * probabilities[p]
        }
        return (probabilityGradient, valueGradient)
    }

    /// The gradient of `attentionProbabilities` with respect to queries and keys.
    package static func attentionProbabilitiesGradient(
        _ gradient: [Double], probabilities: [Double], query: [Double], key: [Double], _ extents: AttentionExtents
    ) -> (query: [Double], key: [Double]) {
        let (sequence, scale) = (extents.sequence, 1 / Double(extents.width).squareRoot())
        var scores = gradient
        for row in 0..<extents.batch * extents.heads * sequence {
            let keys = row * sequence..<(row + 1) * sequence
            let mean = keys.reduce(0.0) { $0 + gradient[$1] * probabilities[$1] }
            for k in keys { scores[k] = probabilities[k] * (gradient[k] - mean) * scale }
        }
        var queryGradient = [Double](repeating: 0, count: query.count)
        var keyGradient = queryGradient
        extents.forEachProduct { b, head, q, k, column in
            let score = scores[extents.probability(b, head, q, k)]
            queryGradient[extents.index(b, q, head, column)] += score * key[extents.index(b, k, head, column)]
            keyGradient[extents.index(b, k, head, column)] += score * query[extents.index(b, q, head, column)]
        }
        return (queryGradient, keyGradient)
    }
}
