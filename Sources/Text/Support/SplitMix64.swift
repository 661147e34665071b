/// A counter-based generator: output i is a mix of `key + i * gamma` (Steele, Lea, Flood 2014, "Fast Splittable
/// Pseudorandom Number Generators"). Everything random in data preparation is drawn from one of these, keyed by
/// (seed, coordinates), so that it does not depend on the number of threads or the order of work.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private static let gamma: UInt64 = 0x9E37_79B9_7F4A_7C15

    private var state: UInt64

    /// A generator whose stream is a pure function of `seed` and `coordinates`.
    package init(seed: UInt64, _ coordinates: UInt64...) {
        var key = Self.mix(seed &+ Self.gamma)
        for coordinate in coordinates {
            key = Self.mix(key ^ Self.mix(coordinate &+ Self.gamma) &+ Self.gamma)
        }
        state = key
    }

    /// The next 64 random bits.
    package mutating func next() -> UInt64 {
        state &+= Self.gamma
        return Self.mix(state)
    }

    /// The finalizer: a bijection of 64-bit words in which every input bit reaches every output bit.
    package static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A uniform integer in `0..<bound` (bound > 0), by multiplication (Lemire 2019) with rejection, hence unbiased.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "an empty range has no random element")
        let limit = UInt64(bound)
        var product = next().multipliedFullWidth(by: limit)
        if product.low < limit {
            let threshold = (0 &- limit) % limit
            while product.low < threshold { product = next().multipliedFullWidth(by: limit) }
        }
        return Int(product.high)
    }

    /// A uniform integer in the closed range `lower...upper`.
    package mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    /// A uniform number in [0, 1) with 53 random bits.
    package mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
