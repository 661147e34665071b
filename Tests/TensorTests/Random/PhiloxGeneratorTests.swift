import Tensor
import Testing

@Suite struct PhiloxGeneratorTests {
    private static let key = RandomKey(seed: 2024, step: 5, shard: 1)

    @Test func aStreamIsTheWordsOfItsKeyInOrder() {
        var generator = PhiloxGenerator(key: Self.key, site: 8)
        let words = (0..<11).map { _ in generator.nextWord() }
        #expect(words == (0..<11).map { Self.key.word(site: 8, element: $0) })
        #expect(generator.position == 11)
    }

    @Test(arguments: 0..<9) func aStreamResumesAtItsPosition(position: Int) {
        var whole = PhiloxGenerator(key: Self.key)
        for _ in 0..<position { _ = whole.nextWord() }
        var resumed = PhiloxGenerator(key: Self.key, position: UInt64(position))
        #expect((0..<10).map { _ in whole.next() } == (0..<10).map { _ in resumed.next() })
    }

    @Test func uniformNumbersFillTheUnitInterval() {
        var generator = PhiloxGenerator(key: Self.key)
        let values = (0..<40_000).map { _ in generator.nextUniform() }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        let (mean, variance) = Self.moments(values)
        #expect(abs(mean - 0.5) < 5 * 0.2887 / 200, "mean \(mean)")
        #expect(abs(variance - 1.0 / 12) < 0.003, "variance \(variance)")
    }

    @Test func normalNumbersHaveTheMomentsOfTheNormalDistribution() {
        var generator = PhiloxGenerator(key: Self.key)
        let values = (0..<40_000).map { _ in generator.nextNormal() }
        let (mean, variance) = Self.moments(values)
        #expect(abs(mean) < 0.025, "mean \(mean)")
        #expect(abs(variance - 1) < 0.04, "variance \(variance)")
        let tail = Double(values.count { abs($0) > 2 }) / 40_000
        #expect(abs(tail - 0.0455) < 0.006, "beyond two standard deviations: \(tail)")
    }

    @Test func truncatedNormalNumbersStayWithinTwoDeviations() {
        var generator = PhiloxGenerator(key: Self.key)
        let values = (0..<40_000).map { _ in Float(1 + 0.02 * generator.nextTruncatedNormal()) }
        #expect(values.allSatisfy { abs($0 - 1) <= 0.040001 })
        let (mean, variance) = Self.moments(values.map(Double.init))
        #expect(abs(mean - 1) < 5e-4, "mean \(mean)")
        // The variance of a standard normal variable cut at two deviations is 0.7737.
        #expect(abs(variance / 4e-4 - 0.7737) < 0.03, "variance \(variance)")
    }

    private static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }
}
