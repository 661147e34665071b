import Glibc

/// The weights and the input of the tiny pretraining models whose outputs, losses and gradients are known to ten digits.
package enum GoldenPretraining {
    /// Two rows of four real tokens each would hide padding errors: one row, six tokens, two of padding.
    package static let ids: [Int32] = [2, 5, 7, 3, 9, 3, 0, 0]
    package static let attention: [Int32] = [1, 1, 1, 1, 1, 1, 0, 0]
    package static let segments: [Int32] = [0, 0, 0, 0, 1, 1, 0, 0]
    /// Masked positions and the tokens to predict there.
    package static let maskedRows: [Int32] = [2, 4]
    package static let maskedIDs: [Int32] = [11, 6]
    package static let pairLabel: Int32 = 1

    /// The value of every parameter, from its name alone: the distinct names (tied ones once, under the word table),
    /// sorted by Unicode code point, are numbered k = 0, 1, ...; flat element i is `goldenValue(k:i:...)`.
    package static func values(of parameters: [(name: String, count: Int)]) -> [String: [Double]] {
        let sorted = parameters.sorted {
            Array($0.name.unicodeScalars).lexicographicallyPrecedes($1.name.unicodeScalars)
        }
        var values: [String: [Double]] = [:]
        for (k, parameter) in sorted.enumerated() {
            let lowered = parameter.name.lowercased()
            let isLayerNormWeight = lowered.hasSuffix("layernorm.weight") || lowered.hasSuffix("layer_norm.weight")
            values[parameter.name] = (0..<parameter.count).map {
                goldenValue(k: k, i: $0, isLayerNormWeight: isLayerNormWeight)
            }
        }
        return values
    }
}

/// 0.2·sin(1 + 0.9k + 1.7i), plus 1 for the weight of a layer norm.
package func goldenValue(k: Int, i: Int, isLayerNormWeight: Bool) -> Double {
    0.2 * sin(1 + 0.9 * Double(k) + 1.7 * Double(i)) + (isLayerNormWeight ? 1 : 0)
}
