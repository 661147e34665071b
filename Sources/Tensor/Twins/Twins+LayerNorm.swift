extension Twins {
    /// Layer normalisation of each row of `weight.count` elements with the biased variance, epsilon inside the root
    /// (Ba et al. 2016, equation 4).
    package static func layerNorm(
        _ x: [Double], weight: [Double], bias: [Double], epsilon: Double
    ) -> [Double] {
        let width = weight.count
        var result = x
        for start in stride(from: 0, to: x.count, by: width) {
            let (normalized, _) = standardized(Array(x[start..<start + width]), epsilon: epsilon)
            for column in 0..<width {
                result[start + column] = normalized[column] * weight[column] + bias[column]
            }
        }
        return result
    }

    /// The gradients of `layerNorm` with respect to input, weight and bias.
    package static func layerNormGradient(
        _ gradient: [Double], x: [Double], weight: [Double], epsilon: Double
    ) -> (x: [Double], weight: [Double], bias: [Double]) {
        let width = weight.count
        var xGradient = x
        var weightGradient = [Double](repeating: 0, count: width)
        var biasGradient = weightGradient
        for start in stride(from: 0, to: x.count, by: width) {
            let (normalized, inverse) = standardized(Array(x[start..<start + width]), epsilon: epsilon)
            // With g = gradient·weight: dx = (g − mean(g) − x̂·mean(g·x̂)) / σ.
            var mean = 0.0
            var correlation = 0.0
            for column in 0..<width {
                let upstream = gradient[start + column]
                weightGradient[column] += upstream * normalized[column]
                biasGradient[column] += upstream
                mean += upstream * weight[column] / Double(width)
                correlation += upstream * weight[column] * normalized[column] / Double(width)
            }
            for column in 0..<width {
                let scaled = gradient[start + column] * weight[column]
                xGradient[start + column] = (scaled - mean - normalized[column] * correlation) * inverse
            }
        }
        return (xGradient, weightGradient, biasGradient)
    }

    /// One row with its mean taken off and divided by its standard deviation, and the inverse of the latter.
    private static func standardized(_ row: [Double], epsilon: Double) -> (row: [Double], inverse: Double) {
        let mean = row.reduce(0, +) / Double(row.count)
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
        let inverse = 1 / (variance + epsilon).squareRoot()
        return (row.map { ($0 - mean) * inverse }, inverse)
    }
}
