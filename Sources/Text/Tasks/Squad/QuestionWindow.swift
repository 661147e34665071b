/// How a question and a passage become windows that a model can read.
package struct QuestionWindowing: Sendable, Hashable {
    /// Tokens of a window at most, special tokens included.
    package var maximumLength = 384
    /// Tokens from the start of one window to the start of the next.
    package var stride = 128
    /// Tokens of the question at most; the rest is cut off.
    package var questionLimit = 64

    /// The settings of the published programs.
    package init() {}

    /// Checks the ranges; throws `invalidParameter`.
    func validate() throws(TextError) {
        guard stride > 0 else {
            throw TextError(.invalidParameter, "the stride of windows is at least 1, got \(stride)")
        }
        guard questionLimit > 0 else {
            throw TextError(.invalidParameter, "the limit of a question's tokens is at least 1, got \(questionLimit)")
        }
    }

    /// The stretches of a passage's tokens that windows hold: from the start on, each `stride` after the one before.
    ///
    /// - Parameter room: tokens that fit into a window, at least 1.
    func stretches(tokenCount: Int, room: Int) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start = 0
        while start < tokenCount {
            let length = min(tokenCount - start, room)
            result.append(start..<start + length)
            if start + length == tokenCount { break }
            start += min(length, stride)
        }
        return result
    }

    /// For each token of each stretch whether no other stretch shows it with more context: the least of the tokens left
    /// and right of it, plus 0.01 times the stretch's length; of equals the first stretch has it.
    static func haveMaximumContext(_ stretches: [Range<Int>]) -> [[Bool]] {
        var best = [(score: Double, stretch: Int)?](repeating: nil, count: stretches.last?.upperBound ?? 0)
        for (index, stretch) in stretches.enumerated() {
            for token in stretch {
                let context = min(token - stretch.lowerBound, stretch.upperBound - 1 - token)
                let score = Double(context) + 0.01 * Double(stretch.count)
                if let rival = best[token], rival.score >= score { continue }
                best[token] = (score, index)
            }
        }
        return stretches.enumerated().map { index, stretch in stretch.map { best[$0]?.stretch == index } }
    }
}

/// A question with a stretch of its passage: one sequence for a model.
package struct QuestionWindow: Sendable {
    /// Which of all windows it is, from 1,000,000,000 as in the original programs.
    package let uniqueID: Int
    /// The index of its question among the examples.
    package let example: Int
    /// `[CLS] question [SEP] passage [SEP]`, without padding.
    package let ids: [Int32]
    /// Where the passage's tokens are among `ids`.
    package let passagePositions: Range<Int>
    /// The passage.
    package let passage: QuestionPassage
    /// Which of the passage's tokens stands at `passagePositions.lowerBound`.
    package let firstToken: Int
    /// For each of its passage tokens whether this window shows it with most context; only these start answers.
    package let hasMaximumContext: [Bool]
    /// Where the answer is among `ids`, first and last; 0 and 0 (`[CLS]`) if it is not wholly inside, or unknown.
    package let answer: ClosedRange<Int>
    /// Whether, as far as is known, this window holds no answer.
    package let isImpossible: Bool
    private let template: EncodingTemplate

    init(
        uniqueID: Int, example: Int, ids: [Int32], passagePositions: Range<Int>, passage: QuestionPassage,
        firstToken: Int, hasMaximumContext: [Bool], answer: ClosedRange<Int>, isImpossible: Bool,
        template: EncodingTemplate
    ) {
        self.uniqueID = uniqueID
        self.example = example
        self.ids = ids
        self.passagePositions = passagePositions
        self.passage = passage
        self.firstToken = firstToken
        self.hasMaximumContext = hasMaximumContext
        self.answer = answer
        self.isImpossible = isImpossible
        self.template = template
    }

    /// The token types: 1 for the passage and the separator after it where the model tells texts apart, else 0.
    package var typeIDs: [Int32] {
        guard template == .bert else { return [Int32](repeating: 0, count: ids.count) }
        return ids.indices.map { $0 < passagePositions.lowerBound ? 0 : 1 }
    }

    /// For each position whether no answer can be there: all but `[CLS]`, which stands for none, and the passage.
    package var answerMask: [Bool] { ids.indices.map { $0 != 0 && !passagePositions.contains($0) } }

    /// Which of the passage's tokens stands at a position within `passagePositions`.
    package func token(at position: Int) -> Int { position - passagePositions.lowerBound + firstToken }
}
