/// Chooses tokens to predict and hides them: n-gram masking of whole words (ALBERT paper §4.1; SpanBERT), or of single
/// pieces with `maxNgram` 1 (BERT paper §3.1).
package struct TokenMasking: Sendable {
    /// What was hidden.
    package struct Selection: Sendable, Equatable {
        /// Positions in ascending order.
        package var positions: [Int32] = []
        /// The ids that stood there.
        package var ids: [Int32] = []
        /// Runs of words that were chosen.
        package var runs: [Run] = []
    }

    /// A chosen run: `words` words covering `tokens` tokens.
    package struct Run: Sendable, Equatable {
        /// Words in the run.
        package let words: Int
        /// Tokens in the run.
        package let tokens: Int
    }

    private let isWordStart: [Bool]
    private let specials: SpecialTokens
    private let wholeWord: Bool
    private let probability: Double
    private let maxPredictions: Int
    /// Weight of a run of n words at index n - 1.
    private let ngramWeights: [Double]

    /// Masks over a vocabulary given by `isWordStart` (one flag per id).
    package init(isWordStart: [Bool], specials: SpecialTokens, _ parameters: RecordParameters) {
        self.isWordStart = isWordStart
        self.specials = specials
        wholeWord = parameters.wholeWord
        probability = parameters.maskingProbability
        maxPredictions = parameters.maxPredictions
        let weights = (1...parameters.maxNgram).map { 1 / Double($0) }
        ngramWeights = parameters.favorsShorterNgrams ? weights : weights.reversed()
    }

    /// How many of `length` tokens, special ones included, are predicted; halves round to even.
    package func budget(length: Int) -> Int {
        min(maxPredictions, max(1, Int((Double(length) * probability).rounded(.toNearestOrEven))))
    }

    /// Masks `tokens` (with `[CLS]` and `[SEP]`) in place: each chosen token becomes `[MASK]` with probability 0.8,
    /// stays with 0.1, becomes any id of the vocabulary with 0.1, independently of the others.
    package func mask(_ tokens: inout [Int32], using generator: inout SplitMix64) -> Selection {
        let words = words(of: tokens)
        let budget = budget(length: tokens.count)
        var selection = Selection()
        var isCovered = [Bool](repeating: false, count: words.count)
        var chosen: [Int] = []
        // A Fisher-Yates shuffle of the starts, drawn only as far as it is needed.
        var starts = Array(0..<words.count)
        for turn in starts.indices {
            guard chosen.count < budget else { break }
            starts.swapAt(turn, turn + generator.below(starts.count - turn))
            let start = starts[turn]
            let longest = min(ngramWeights.count, words.count - start)
            var count = drawRunLength(longest, using: &generator)
            // Shorten a run that exceeds the budget.
            while count > 1 && chosen.count + words.tokens(start, count) > budget { count -= 1 }
            let size = words.tokens(start, count)
            guard chosen.count + size <= budget else { continue }
            guard !isCovered[start..<start + count].contains(true) else { continue }
            for word in start..<start + count { isCovered[word] = true }
            chosen += words.positions[words.offsets[start]..<words.offsets[start + count]]
            selection.runs.append(Run(words: count, tokens: size))
        }
        chosen.sort()
        for position in chosen {
            selection.positions.append(Int32(position))
            selection.ids.append(tokens[position])
            tokens[position] = replacement(of: tokens[position], using: &generator)
        }
        return selection
    }

    /// Positions of ordinary tokens, and where each word starts among them (one more offset than words).
    private struct Words {
        var positions: [Int] = []
        var offsets: [Int] = [0]

        var count: Int { offsets.count - 1 }

        func tokens(_ start: Int, _ count: Int) -> Int { offsets[start + count] - offsets[start] }
    }

    /// Groups tokens to words. A continuation piece joins the last word, even across a `[SEP]`, as in the original.
    private func words(of tokens: [Int32]) -> Words {
        var words = Words()
        words.positions.reserveCapacity(tokens.count)
        words.offsets.reserveCapacity(tokens.count + 1)
        for (position, token) in tokens.enumerated() {
            guard token != specials.classification && token != specials.separator else { continue }
            let continues = wholeWord && !isWordStart[Int(token)] && !words.positions.isEmpty
            words.positions.append(position)
            if continues {
                words.offsets[words.offsets.count - 1] = words.positions.count
            } else {
                words.offsets.append(words.positions.count)
            }
        }
        return words
    }

    /// A run length in 1...longest with probability proportional to its weight.
    private func drawRunLength(_ longest: Int, using generator: inout SplitMix64) -> Int {
        guard longest > 1 else { return 1 }
        var total = 0.0
        for weight in ngramWeights[..<longest] { total += weight }
        var remainder = generator.unit() * total
        for (index, weight) in ngramWeights[..<longest].enumerated() {
            remainder -= weight
            if remainder < 0 { return index + 1 }
        }
        return longest
    }

    private func replacement(of token: Int32, using generator: inout SplitMix64) -> Int32 {
        let draw = generator.unit()
        if draw < 0.8 { return specials.mask }
        if draw < 0.9 { return token }
        return Int32(generator.below(isWordStart.count))
    }
}
