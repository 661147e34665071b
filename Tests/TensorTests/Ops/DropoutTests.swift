import Tensor
import Testing

@Suite(.timeLimit(.minutes(1))) struct DropoutTests {
    private let context = ComputeContext(threads: 2)
    private let key = RandomKey(seed: 3, step: 1, shard: 0)

    @Test(arguments: [0.1, 0.5, 0.9])
    func aboutOneMinusTheRateIsKeptAndScaled(rate: Double) {
        let count = 200_000
        let ones = Tensor([Float](repeating: 1, count: count), shape: [count], in: context)
        let values = ones.dropout(Dropout(rate: rate, key: key, site: 4)).floats()
        let kept = values.count { $0 != 0 }
        // Five standard deviations of a binomial share.
        let slack = 5 * (rate * (1 - rate) / Double(count)).squareRoot()
        #expect(abs(Double(kept) / Double(count) - (1 - rate)) < slack, "kept \(kept) of \(count)")
        #expect(Set(values) == [0, Float(1 / (1 - rate))])
    }

    @Test func masksDependOnKeyAndSite() {
        let ones = Tensor([Float](repeating: 1, count: 1000), shape: [1000], in: context)
        func mask(_ key: RandomKey, _ site: UInt32) -> [Float] {
            ones.dropout(Dropout(rate: 0.5, key: key, site: site)).floats()
        }
        let base = mask(key, 1)
        #expect(base == mask(key, 1))
        #expect(base != mask(key, 2))
        #expect(base != mask(RandomKey(seed: 4, step: 1, shard: 0), 1))
        #expect(base != mask(RandomKey(seed: 3, step: 2, shard: 0), 1))
        #expect(base != mask(RandomKey(seed: 3, step: 1, shard: 1), 1))
    }

    @Test func aRateOfZeroChangesNothing() {
        let x = Tensor([1, -2, 3] as [Float], shape: [3], in: context)
        #expect(x.dropout(Dropout(rate: 0, key: key, site: 1)).floats() == [1, -2, 3])
    }
}
