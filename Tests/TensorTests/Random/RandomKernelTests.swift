import CKernels
import Tensor
import Testing

@Suite struct RandomKernelTests {
    typealias Harness = KernelHarness

    private static let key = RandomKey(seed: 0x0123_4567_89ab_cdef, step: 41, shard: 3)

    /// Block boundaries, the carry into the next blocks, and the far end of a stream.
    static let starts: [UInt64] = [0, 1, 2, 3, 4, 5, 31, 32, 127, 1000, (1 << 34) - 1008]

    @Test(arguments: starts, Harness.sizes) func wordsEqualTheTwin(first: UInt64, n: Int) {
        var mask = Self.key.mask(site: 9, rate: 0.1)
        let expected = (0..<UInt64(n)).map { Self.key.word(site: 9, element: first + $0) }
        Harness.forEachVariant { variant in
            var words = [UInt32](repeating: 7, count: n + 1)
            unsafe tk_random_words(&words, n, first, &mask)
            #expect(words == expected + [7], "\(variant), first \(first), n \(n)")
        }
    }

    @Test(arguments: starts, Harness.sizes) func dropoutEqualsTheTwin(first: UInt64, n: Int) {
        let x = Harness.normal(n, seed: 61)
        var mask = Self.key.mask(site: 9, rate: 0.3)
        let threshold = RandomKey.threshold(rate: 0.3)
        let expected = x.enumerated().map { index, value in
            Self.key.word(site: 9, element: first + UInt64(index)) < threshold ? 0 : Double(value) / 0.7
        }
        Harness.expect("dropout from \(first), \(n)", expected) {
            unsafe Harness.output(x) { unsafe tk_dropout($0, $0, n, first, &mask) }
        }
    }

    @Test func dropoutDropsItsShare() {
        let n = 200_000
        for rate in [0, 0.1, 0.5, 0.9] {
            var mask = Self.key.mask(site: 1, rate: rate)
            let ones = [Float](repeating: 1, count: n)
            let result = unsafe Harness.output(count: n) { unsafe tk_dropout(ones, $0, n, 0, &mask) }
            let share = Double(result.count { $0 == 0 }) / Double(n)
            // Five standard deviations of a binomial share.
            #expect(abs(share - rate) <= 5 * (rate * (1 - rate) / Double(n)).squareRoot(), "rate \(rate): \(share)")
        }
    }

    /// Each part of the key moves the stream.
    @Test func streamsDifferInEveryPartOfTheKey() {
        let streams = [
            (RandomKey(seed: 1, step: 2, shard: 3), UInt32(4)), (RandomKey(seed: 2, step: 2, shard: 3), 4),
            (RandomKey(seed: 1 | 1 << 40, step: 2, shard: 3), 4), (RandomKey(seed: 1, step: 3, shard: 3), 4),
            (RandomKey(seed: 1, step: 2, shard: 4), 4), (RandomKey(seed: 1, step: 2, shard: 3), 5),
        ]
        let words = streams.map { key, site in (0..<16).map { key.word(site: site, element: $0) } }
        #expect(Set(words).count == streams.count)
    }
}
