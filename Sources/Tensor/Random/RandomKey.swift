package import CKernels

/// Names one family of random streams: everything that is random in logical shard `shard` of step `step` of a run.
///
/// Layout (shared by the C kernels and the Swift twin): word `e mod 4` of the Philox4x32-10 block with
/// - key = (low, high) half of `seed`,
/// - counter = (`e / 4`, `site`, `shard`, `step`),
///
/// is the random word of element `e` at `site`. Distinct (seed, step, shard, site, e) never share a counter, and no
/// number depends on the rank that computes it.
package struct RandomKey: Sendable, Hashable {
    /// The seed of the run.
    package let seed: UInt64
    /// The optimizer step; below 2^32.
    package let step: UInt64
    /// The logical shard (microbatch) of the global batch.
    package let shard: UInt32

    package init(seed: UInt64, step: UInt64 = 0, shard: UInt32 = 0) {
        precondition(step <= UInt64(UInt32.max), "a random key counts fewer than 2^32 steps, got \(step)")
        self.seed = seed
        self.step = step
        self.shard = shard
    }

    /// The four random words of elements `4 * block ..< 4 * block + 4` at `site`. `block` is below 2^32.
    package func words(site: UInt32, block: UInt64) -> (UInt32, UInt32, UInt32, UInt32) {
        Philox.block(
            counter: (UInt32(block), site, shard, UInt32(step)),
            key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    }

    /// The random word of one element at `site`.
    package func word(site: UInt32, element: UInt64) -> UInt32 {
        let block = words(site: site, block: element / 4)
        switch element % 4 {
        case 0: return block.0
        case 1: return block.1
        case 2: return block.2
        default: return block.3
        }
    }

    /// The form that the C kernels take: drops elements with probability `rate` (0 ..< 1) and scales the others by
    /// 1 / (1 - rate).
    package func mask(site: UInt32, rate: Double) -> tk_mask {
        precondition(rate >= 0 && rate < 1, "a dropout rate lies in 0 ..< 1, got \(rate)")
        return tk_mask(
            seed: seed, step: UInt32(step), shard: shard, site: site, threshold: Self.threshold(rate: rate),
            scale: Float(1 / (1 - rate)))
    }

    /// Elements whose word is below the threshold are dropped.
    package static func threshold(rate: Double) -> UInt32 {
        UInt32(min((rate * 0x1p32).rounded(), 0x1p32 - 1))
    }
}
