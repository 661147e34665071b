import Testing
import Text

@Suite struct TokenMaskingTests {
    private let specials = SpecialTokens(padding: 0, unknown: 1, classification: 2, separator: 3, mask: 4)

    private func masking(
        vocabulary: Int = 1000, continuations: Range<Int> = 900..<1000,
        _ change: (inout RecordParameters) -> Void = { _ in }
    ) -> TokenMasking {
        var parameters = RecordParameters()
        change(&parameters)
        let starts = (0..<vocabulary).map { !continuations.contains($0) }
        return TokenMasking(isWordStart: starts, specials: specials, parameters)
    }

    @Test(arguments: [(3, 1), (10, 2), (30, 4), (50, 8), (70, 10), (90, 14), (128, 19), (512, 20)])
    func theBudgetRoundsHalvesToEvenAndIsCapped(length: Int, budget: Int) {
        #expect(masking().budget(length: length) == budget)
    }

    @Test func theBudgetWithoutACapIsTheShare() {
        #expect(masking { $0.maxPredictions = 500 }.budget(length: 512) == 77)
    }

    /// 509 words of one piece between the special tokens.
    private func longRow() -> [Int32] {
        [2] + (0..<300).map { 5 + Int32($0) } + [3] + (0..<209).map { 400 + Int32($0) } + [3]
    }

    @Test func spansHaveTheSimulatedStatistics() {
        let masking = masking()
        var counts = [0, 0, 0]
        let rounds = 4000
        for round in 0..<rounds {
            var generator = SplitMix64(seed: 31, UInt64(round))
            var tokens = longRow()
            let selection = masking.mask(&tokens, using: &generator)
            #expect(selection.positions.count == 20, "seed 31, round \(round)")
            for run in selection.runs { counts[run.words - 1] += 1 }
        }
        let total = Double(counts.reduce(0, +))
        #expect(abs(total / Double(rounds) - 12.59) < 0.1, "\(total / Double(rounds)) spans")
        for (count, share) in zip(counts, [0.572, 0.267, 0.161]) {
            #expect(abs(Double(count) / total - share) < 0.01, "\(counts)")
        }
    }

    @Test func longerSpansAreFavouredOnRequest() {
        let masking = masking { $0.favorsShorterNgrams = false }
        var counts = [0, 0, 0]
        for round in 0..<500 {
            var generator = SplitMix64(seed: 32, UInt64(round))
            var tokens = longRow()
            for run in masking.mask(&tokens, using: &generator).runs { counts[run.words - 1] += 1 }
        }
        #expect(counts[2] > counts[1] && counts[1] > counts[0], "\(counts)")
    }

    @Test func hiddenTokensAreReplacedByEightyTenTen() {
        let masking = masking()
        var masked = 0
        var kept = 0
        var total = 0
        for round in 0..<3000 {
            var generator = SplitMix64(seed: 33, UInt64(round))
            let before = longRow()
            var tokens = before
            let selection = masking.mask(&tokens, using: &generator)
            for (position, id) in zip(selection.positions, selection.ids) {
                #expect(before[Int(position)] == id)
                masked += tokens[Int(position)] == specials.mask ? 1 : 0
                kept += tokens[Int(position)] == id ? 1 : 0
                total += 1
            }
            for position in before.indices where !selection.positions.contains(Int32(position)) {
                guard tokens[position] != before[position] else { continue }
                Issue.record("seed 33, round \(round): position \(position) changed without being listed")
            }
        }
        #expect(abs(Double(masked) / Double(total) - 0.8001) < 0.006, "\(masked) of \(total)")
        #expect(abs(Double(kept) / Double(total) - 0.1001) < 0.005, "\(kept) of \(total)")
    }

    @Test func specialTokensAreNeverHiddenAndPositionsAscend() {
        let masking = masking()
        for round in 0..<300 {
            var generator = SplitMix64(seed: 34, UInt64(round))
            let middle = generator.within(1...40)
            let rest = generator.within(1...40)
            let row =
                [2] + (0..<middle).map { _ in Int32(5 + generator.below(995)) } + [3]
                + (0..<rest).map { _ in Int32(5 + generator.below(995)) } + [3]
            var tokens = row
            let selection = masking.mask(&tokens, using: &generator)
            #expect(zip(selection.positions, selection.positions.dropFirst()).allSatisfy { $0 < $1 }, "round \(round)")
            for position in [0, middle + 1, row.count - 1] {
                #expect(!selection.positions.contains(Int32(position)), "seed 34, round \(round)")
            }
            #expect(selection.positions.count <= masking.budget(length: row.count), "seed 34, round \(round)")
        }
    }

    @Test func wordsAreHiddenWhole() {
        let masking = masking()
        for round in 0..<300 {
            var generator = SplitMix64(seed: 35, UInt64(round))
            // Words of one to three pieces; ids from 900 are continuations.
            var row: [Int32] = [2]
            var words: [[Int32]] = []
            for word in 0..<40 {
                var positions = [Int32(row.count)]
                row.append(5 + Int32(word))
                for _ in 0..<generator.below(3) {
                    positions.append(Int32(row.count))
                    row.append(900 + Int32(generator.below(100)))
                }
                words.append(positions)
            }
            row.append(3)
            let selection = masking.mask(&row, using: &generator)
            for word in words {
                let hidden = word.filter(selection.positions.contains).count
                #expect(hidden == 0 || hidden == word.count, "seed 35, round \(round): \(word)")
            }
        }
    }

    @Test func aContinuationJoinsItsWordAcrossASeparator() {
        let masking = masking {
            $0.maskingProbability = 0.5
            $0.maxNgram = 1
        }
        for round in 0..<50 {
            var generator = SplitMix64(seed: 36, UInt64(round))
            var row: [Int32] = [2, 10, 3, 950, 3]
            #expect(masking.mask(&row, using: &generator).positions == [1, 3], "seed 36, round \(round)")
        }
        // With a budget of one token the word of two pieces does not fit, so nothing is hidden.
        var generator = SplitMix64(seed: 36)
        var row: [Int32] = [2, 10, 3, 950, 3]
        #expect(self.masking().mask(&row, using: &generator).positions.isEmpty)
    }

    @Test func singlePiecesAreHiddenWithoutWholeWords() {
        let masking = masking {
            $0.wholeWord = false
            $0.maxNgram = 1
        }
        var split = 0
        for round in 0..<200 {
            var generator = SplitMix64(seed: 37, UInt64(round))
            var row: [Int32] = [2] + (0..<20).flatMap { [10 + Int32($0), 950] } + [3]
            let selection = masking.mask(&row, using: &generator)
            #expect(selection.positions.count == 6, "seed 37, round \(round)")
            #expect(selection.runs.allSatisfy { $0.tokens == 1 })
            split += selection.positions.contains { $0 % 2 == 1 && !selection.positions.contains($0 + 1) } ? 1 : 0
        }
        #expect(split > 150)
    }
}
