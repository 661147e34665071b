/// Philox4x32-10: four random words from a 128-bit counter and a 64-bit key.
///
/// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). The C kernels compute the same
/// function; this one is their twin and serves code that needs a few numbers.
package enum Philox {
    /// The random block of `counter` under `key`; words in the order of the paper.
    package static func block(
        counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (x0, x1, x2, x3) = counter
        var (k0, k1) = key
        for _ in 0..<10 {
            let first = UInt64(x0) * 0xD251_1F53
            let second = UInt64(x2) * 0xCD9E_8D57
            x0 = UInt32(truncatingIfNeeded: second >> 32) ^ x1 ^ k0
            x1 = UInt32(truncatingIfNeeded: second)
            x2 = UInt32(truncatingIfNeeded: first >> 32) ^ x3 ^ k1
            x3 = UInt32(truncatingIfNeeded: first)
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
        }
        return (x0, x1, x2, x3)
    }
}
