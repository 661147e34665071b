/// A pseudorandom bijection of `0..<count` in constant memory: a balanced Feistel network over the smallest even
/// number of bits that holds `count`, walked in cycles until the value falls below `count` (Black and Rogaway 2002,
/// "Ciphers with Arbitrary Finite Domains"). It stands where the originals shuffle a list in memory.
package struct KeyedPermutation: Sendable {
    private static let rounds = 6

    /// The number of elements.
    package let count: Int
    private let halfBits: UInt64
    private let keys: [UInt64]

    /// A permutation of `0..<count` that is a pure function of `seed` and `stream`.
    package init(seed: UInt64, stream: UInt64, count: Int) {
        precondition(count >= 0, "a permutation has no negative size")
        self.count = count
        let bits = count <= 1 ? 1 : Int.bitWidth - (count - 1).leadingZeroBitCount
        halfBits = UInt64(max(2, (bits + 1) / 2))
        var generator = SplitMix64(seed: seed, 0x7065_726D, stream)
        keys = (0..<Self.rounds).map { _ in generator.next() }
    }

    /// The element at `position` of the permuted sequence.
    package subscript(position: Int) -> Int {
        precondition(position >= 0 && position < count, "position \(position) is outside 0..<\(count)")
        var value = UInt64(position)
        // The start lies below `count`, so the cycle comes back below it: expected steps are at most four
        // (more only while `count` is under 16).
        repeat { value = encrypt(value) } while value >= UInt64(count)
        return Int(value)
    }

    private func encrypt(_ value: UInt64) -> UInt64 {
        let mask = (UInt64(1) << halfBits) - 1
        var left = value >> halfBits
        var right = value & mask
        for key in keys {
            let mixed = left ^ (SplitMix64.mix(right &+ key) & mask)
            left = right
            right = mixed
        }
        return left << halfBits | right
    }
}

/// The order in which an epoch visits the records of a dataset: each record exactly once, in constant memory.
package struct EpochPermutation: Sendable {
    private let permutation: KeyedPermutation

    /// The order of `epoch` over `count` records; a pure function of its arguments.
    package init(seed: UInt64, epoch: UInt64, count: Int) {
        permutation = KeyedPermutation(seed: seed, stream: epoch, count: count)
    }

    /// The number of records of the epoch.
    package var count: Int { permutation.count }

    /// The record visited at `position` (0 <= position < count).
    package subscript(position: Int) -> Int { permutation[position] }
}
