import Testing
import Text

@Suite struct SegmentPairsTests {
    private func parameters(
        _ maxSequenceLength: Int, objective: RecordParameters.Objective = .sentenceOrder, short: Double = 0
    ) -> RecordParameters {
        var parameters = RecordParameters()
        parameters.objective = objective
        parameters.maxSequenceLength = maxSequenceLength
        parameters.shortSequenceProbability = short
        return parameters
    }

    @Test func swappedPairsAreLabelledOneAndCoverTheText() throws {
        let directory = try TemporaryDirectory()
        let store = try makeStore(sentenceLengths: [[3, 4, 5, 6], [2, 2]], in: directory)
        let pairs = SegmentPairs(store, parameters(64))
        var swapped = 0
        for round in 0..<2000 {
            var generator = SplitMix64(seed: 41, UInt64(round))
            let result = pairs.pairs(ofDocument: 0, using: &generator)
            try #require(result.count == 1)
            let pair = result[0]
            if pair.label == 0 {
                #expect(pair.first.lowerBound == 0 && pair.first.upperBound == pair.second.lowerBound)
                #expect(pair.second.upperBound == 18)
            } else {
                #expect(pair.second.lowerBound == 0 && pair.second.upperBound == pair.first.lowerBound)
                #expect(pair.first.upperBound == 18)
                swapped += 1
            }
            let cut = max(pair.first.lowerBound, pair.second.lowerBound)
            #expect([3, 7, 12].contains(cut), "seed 41, round \(round): cut at \(cut), inside a sentence")
        }
        #expect(abs(Double(swapped) / 2000 - 0.5) < 0.04, "\(swapped) of 2000 swapped")
    }

    @Test func aChunkOfOneSentenceIsFollowedByAnotherDocument() throws {
        let directory = try TemporaryDirectory()
        let store = try makeStore(sentenceLengths: [[5], [2, 3, 4], [6, 1]], in: directory)
        let pairs = SegmentPairs(store, parameters(20))
        var starts: Set<Int> = []
        for round in 0..<300 {
            var generator = SplitMix64(seed: 42, UInt64(round))
            let pair = pairs.pairs(ofDocument: 0, using: &generator)[0]
            #expect(pair.label == 1 && pair.first == 0..<5)
            #expect(pair.second.lowerBound >= 5, "seed 42, round \(round): it follows itself")
            // Text goes on to the end of its document, which is within the 12 tokens wanted.
            #expect([14, 21].contains(pair.second.upperBound), "seed 42, round \(round): \(pair)")
            starts.insert(pair.second.lowerBound)
        }
        #expect(starts == [5, 7, 10, 14, 20])
    }

    @Test func randomTextStopsAtTheTargetLength() throws {
        let directory = try TemporaryDirectory()
        let store = try makeStore(sentenceLengths: [[5], [1] + Array(repeating: 4, count: 50)], in: directory)
        let pairs = SegmentPairs(store, parameters(23))
        for round in 0..<200 {
            var generator = SplitMix64(seed: 43, UInt64(round))
            let pair = pairs.pairs(ofDocument: 0, using: &generator)[0]
            #expect(pair.second.count <= 15, "seed 43, round \(round): 15 tokens were wanted")
        }
    }

    @Test func everySentenceIsUsedOnceInOrder() throws {
        let directory = try TemporaryDirectory()
        let lengths = (0..<60).map { 1 + $0 % 7 }
        let store = try makeStore(sentenceLengths: [lengths, [9, 9]], in: directory)
        for objective in RecordParameters.Objective.allCases {
            let pairs = SegmentPairs(store, parameters(515, objective: objective, short: 1))
            for round in 0..<200 {
                var generator = SplitMix64(seed: 44, UInt64(round))
                // Short targets, and too long a maximum for any truncation.
                var used: [Range<Int>] = []
                for pair in pairs.pairs(ofDocument: 0, using: &generator) {
                    let isRandom = pair.label == 1 && pair.second.upperBound != pair.first.lowerBound
                    used +=
                        isRandom ? [pair.first] : [pair.first, pair.second].sorted { $0.lowerBound < $1.lowerBound }
                }
                #expect(used.first?.lowerBound == 0, "\(objective), seed 44, round \(round)")
                #expect(used.last?.upperBound == lengths.reduce(0, +), "\(objective), seed 44, round \(round)")
                for (left, right) in zip(used, used.dropFirst()) {
                    #expect(left.upperBound == right.lowerBound, "\(objective), seed 44, round \(round)")
                }
            }
        }
    }

    @Test func nextSentencePairsAreRandomHalfTheTime() throws {
        let directory = try TemporaryDirectory()
        let store = try makeStore(
            sentenceLengths: [Array(repeating: 4, count: 40), Array(repeating: 4, count: 40)], in: directory)
        let pairs = SegmentPairs(store, parameters(35, objective: .nextSentence))
        var labels = [0, 0]
        var fromItself = 0
        for round in 0..<500 {
            var generator = SplitMix64(seed: 45, UInt64(round))
            for pair in pairs.pairs(ofDocument: 0, using: &generator) {
                labels[Int(pair.label)] += 1
                if pair.label == 0 {
                    #expect(pair.first.upperBound == pair.second.lowerBound)
                } else if pair.second.lowerBound < 160 {
                    fromItself += 1
                }
            }
        }
        // Ten draws between two documents miss the other one once in 1024.
        #expect(fromItself < labels[1] / 200, "\(fromItself) of \(labels[1]) random segments from the document itself")
        let share = Double(labels[1]) / Double(labels[0] + labels[1])
        #expect(abs(share - 0.5) < 0.03, "\(labels)")
    }

    @Test func truncationTakesFromTheLongerSideFrontAndBackAlike() throws {
        let directory = try TemporaryDirectory()
        let store = try makeStore(sentenceLengths: [[100, 60], [1]], in: directory)
        let pairs = SegmentPairs(store, parameters(64))
        var front = 0
        for round in 0..<500 {
            var generator = SplitMix64(seed: 46, UInt64(round))
            // The chunk is the first sentence alone or both, depending on the target: here both sentences are one
            // chunk only if the first does not reach the target, which it does.
            let result = pairs.pairs(ofDocument: 0, using: &generator)
            #expect(result.count == 2)
            for pair in result { #expect(pair.first.count + pair.second.count <= 61 && !pair.second.isEmpty) }
            front += result[0].first.lowerBound
        }
        // 40 of the first 100 tokens go, 20 of them from the front on average.
        #expect(abs(Double(front) / 500 - 20) < 1, "\(Double(front) / 500) tokens dropped in front")
    }

    @Test func aPairOfLongSegmentsIsCutToEqualHalves() throws {
        let directory = try TemporaryDirectory()
        let store = try makeStore(sentenceLengths: [[50, 100], [1]], in: directory)
        let pairs = SegmentPairs(store, parameters(64))
        for round in 0..<200 {
            var generator = SplitMix64(seed: 47, UInt64(round))
            let pair = pairs.pairs(ofDocument: 0, using: &generator)[0]
            // Ties take from the second segment, so the first keeps one token more.
            #expect(pair.first.count == 31 && pair.second.count == 30, "seed 47, round \(round): \(pair)")
        }
    }

    @Test func shortTargetsAreDrawnOncePerPass() throws {
        let directory = try TemporaryDirectory()
        let store = try makeStore(sentenceLengths: [Array(repeating: 1, count: 600), [1]], in: directory)
        let pairs = SegmentPairs(store, parameters(103, short: 0.1))
        var short = 0
        for round in 0..<1000 {
            var generator = SplitMix64(seed: 48, UInt64(round))
            let lengths = pairs.pairs(ofDocument: 0, using: &generator).map { $0.first.count + $0.second.count }
            #expect(Set(lengths.dropLast()).count == 1, "seed 48, round \(round): \(lengths)")
            short += lengths[0] < 100 ? 1 : 0
        }
        #expect((60...140).contains(short), "\(short) of 1000 passes were short")
    }
}
