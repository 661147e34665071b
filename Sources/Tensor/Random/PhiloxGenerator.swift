internal import Glibc

/// The words of one random stream, in order: a value type that can be saved, copied and resumed at `position`.
package struct PhiloxGenerator: RandomNumberGenerator, Sendable {
    package let key: RandomKey
    package let site: UInt32
    /// How many 32-bit words have been handed out.
    package private(set) var position: UInt64

    private var block: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)

    /// The stream of `key` at `site`, from word `position` on.
    package init(key: RandomKey, site: UInt32 = 0, position: UInt64 = 0) {
        self.key = key
        self.site = site
        self.position = position
        if position % 4 != 0 { block = key.words(site: site, block: position / 4) }
    }

    /// The next 32 random bits.
    package mutating func nextWord() -> UInt32 {
        let index = position % 4
        if index == 0 { block = key.words(site: site, block: position / 4) }
        position += 1
        switch index {
        case 0: return block.0
        case 1: return block.1
        case 2: return block.2
        default: return block.3
        }
    }

    /// The next 64 random bits: two words, the first in the lower half.
    package mutating func next() -> UInt64 {
        let low = UInt64(nextWord())
        return UInt64(nextWord()) << 32 | low
    }

    /// The next number in 0 ..< 1, a multiple of 2^-53.
    package mutating func nextUniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// The next number of the standard normal distribution (Box and Muller 1958). Takes four words and uses the cosine
    /// branch only, so that the position says all about the state.
    package mutating func nextNormal() -> Double {
        // 1 - u lies in (0, 1], where the logarithm is finite.
        let radius = (-2 * log(1 - nextUniform())).squareRoot()
        return radius * cos(2 * Double.pi * nextUniform())
    }

    /// The next number of the standard normal distribution cut at two standard deviations: values beyond are redrawn.
    package mutating func nextTruncatedNormal() -> Double {
        while true {
            let value = nextNormal()
            if abs(value) <= 2 { return value }
        }
    }
}
