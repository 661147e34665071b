import Testing
import Text

@Suite struct KeyedPermutationTests {
    @Test(arguments: [0, 1, 2, 3, 5, 15, 16, 17, 63, 64, 65, 100, 1000, 4097])
    func everyElementComesExactlyOnce(count: Int) {
        for seed in 0..<5 as Range<UInt64> {
            let order = EpochPermutation(seed: seed, epoch: 3, count: count)
            #expect((0..<count).map { order[$0] }.sorted() == Array(0..<count), "seed \(seed)")
        }
    }

    @Test func seedsAndEpochsGiveOtherOrders() {
        let orders = [(1, 0), (1, 1), (2, 0), (2, 1)].map { (seed, epoch) in
            let order = EpochPermutation(seed: UInt64(seed), epoch: UInt64(epoch), count: 500)
            return (0..<500).map { order[$0] }
        }
        #expect(Set(orders).count == 4)
        let again = EpochPermutation(seed: 1, epoch: 0, count: 500)
        #expect((0..<500).map { again[$0] } == orders[0])
    }

    @Test func positionsAreSpreadEvenly() {
        // The first position of many epochs: every tenth of the range is hit about equally often.
        var hits = [Int](repeating: 0, count: 10)
        for epoch in 0..<10_000 as Range<UInt64> {
            hits[EpochPermutation(seed: 9, epoch: epoch, count: 1000)[0] / 100] += 1
        }
        for (tenth, count) in hits.enumerated() { #expect((850...1150).contains(count), "tenth \(tenth): \(count)") }
    }

    @Test func neighboursPartCompany() {
        let order = EpochPermutation(seed: 4, epoch: 0, count: 10_000)
        let adjacent = (0..<9999).filter { abs(order[$0] - order[$0 + 1]) == 1 }.count
        #expect(adjacent < 20, "\(adjacent) neighbours stayed neighbours; 2 are expected")
    }
}

@Suite struct SplitMix64Tests {
    @Test func theFinalizerGivesThePublishedSequence() {
        // The sequence of the reference implementation for seed 1234567.
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        ]
        for (index, value) in expected.enumerated() {
            #expect(SplitMix64.mix(1_234_567 &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15) == value)
        }
    }

    @Test func coordinatesSeparateStreams() {
        let keys: [[UInt64]] = [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0]]
        let first = keys.map { key in
            var generator = SplitMix64(seed: 7, key[0], key[1])
            return generator.next()
        }
        #expect(Set(first).count == keys.count)
        var twin = SplitMix64(seed: 7, 1, 0)
        #expect(twin.next() == first[2])
    }

    @Test(arguments: [1, 2, 3, 7, 10]) func integersBelowABoundAreUniform(bound: Int) {
        var generator = SplitMix64(seed: 21, UInt64(bound))
        var counts = [Int](repeating: 0, count: bound)
        for _ in 0..<10_000 * bound { counts[generator.below(bound)] += 1 }
        for count in counts { #expect((9_500...10_500).contains(count), "\(counts)") }
    }
}
