internal import CKernels

/// One use of dropout. The mask is a pure function of (key, site, element index), so that it is regenerated in the
/// backward pass instead of being stored, and does not depend on which rank or thread computes it.
package struct Dropout: Sendable {
    /// Probability that an element becomes zero, in 0 ..< 1; the others are scaled by 1 / (1 - rate).
    package let rate: Double
    package let key: RandomKey
    /// Distinguishes the places of a model that drop in the same step; no two uses in a step may share one.
    package let site: UInt32

    package init(rate: Double, key: RandomKey, site: UInt32) {
        require(rate >= 0 && rate < 1, "dropout: a rate of \(rate) is not in 0 ..< 1")
        self.rate = rate
        self.key = key
        self.site = site
    }
}

extension Dropout {
    /// The form that kernels take.
    var kernelMask: tk_mask { key.mask(site: site, rate: rate) }
}
