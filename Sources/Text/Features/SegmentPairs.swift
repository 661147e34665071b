/// Two segments of text for one record, as ranges of a `TokenStore`, and the label of the pair.
package struct SegmentPair: Sendable, Equatable {
    /// Tokens of the first segment.
    package var first: Range<Int>
    /// Tokens of the second segment.
    package var second: Range<Int>
    /// 0: as in the text. 1: swapped (sentence order) or random (next sentence, and every chunk of one sentence).
    package let label: Int32
}

/// Cuts documents into segment pairs (ALBERT paper §3.1, BERT paper §3.1; the details are those of their data
/// preparation code). Sentences are gathered to a chunk until it reaches a target length; the chunk is cut between two
/// sentences; what follows depends on the objective.
package struct SegmentPairs: Sendable {
    private let store: TokenStore
    private let objective: RecordParameters.Objective
    private let maximum: Int
    private let shortSequenceProbability: Double

    /// Cuts the documents of `store`.
    package init(_ store: TokenStore, _ parameters: RecordParameters) {
        self.store = store
        objective = parameters.objective
        maximum = parameters.maxSequenceLength - 3
        shortSequenceProbability = parameters.shortSequenceProbability
    }

    /// The pairs of one pass over one document.
    package func pairs(ofDocument document: Int, using generator: inout SplitMix64) -> [SegmentPair] {
        let target =
            generator.unit() < shortSequenceProbability ? generator.within(2...maximum) : maximum
        let sentences = store.sentences(ofDocument: document)
        var pairs: [SegmentPair] = []
        var chunkStart = sentences.lowerBound
        var end = chunkStart
        while end < sentences.upperBound {
            end += 1
            let length = store.tokenStart(ofSentence: end) - store.tokenStart(ofSentence: chunkStart)
            guard length >= target || end == sentences.upperBound else { continue }
            let (pair, used) = pair(
                chunk: chunkStart..<end, document: document, target: target, using: &generator)
            pairs.append(truncated(pair, using: &generator))
            // Sentences that a random second segment has displaced are put back.
            chunkStart = used
            end = used
        }
        return pairs
    }

    /// The pair of one chunk, and the first sentence that it leaves for the next chunk.
    private func pair(
        chunk: Range<Int>, document: Int, target: Int, using generator: inout SplitMix64
    ) -> (SegmentPair, used: Int) {
        let cut = chunk.lowerBound + (chunk.count == 1 ? 1 : generator.within(1...chunk.count - 1))
        let head = tokens(chunk.lowerBound..<cut)
        if chunk.count == 1 || objective == .nextSentence && generator.unit() < 0.5 {
            let other = randomSegment(otherThan: document, length: target - head.count, using: &generator)
            return (SegmentPair(first: head, second: other, label: 1), cut)
        }
        let tail = tokens(cut..<chunk.upperBound)
        if objective == .sentenceOrder && generator.unit() < 0.5 {
            return (SegmentPair(first: tail, second: head, label: 1), chunk.upperBound)
        }
        return (SegmentPair(first: head, second: tail, label: 0), chunk.upperBound)
    }

    /// Sentences of a random document from a random start, until they hold `length` tokens or the document ends. Ten
    /// tries to avoid the document itself, as in the original.
    private func randomSegment(otherThan document: Int, length: Int, using generator: inout SplitMix64) -> Range<Int> {
        var other = document
        for _ in 0..<10 where other == document { other = generator.below(store.documentCount) }
        let sentences = store.sentences(ofDocument: other)
        let first = sentences.lowerBound + generator.below(sentences.count)
        let start = store.tokenStart(ofSentence: first)
        var last = first + 1
        while last < sentences.upperBound && store.tokenStart(ofSentence: last) - start < length { last += 1 }
        return start..<store.tokenStart(ofSentence: last)
    }

    private func tokens(_ sentences: Range<Int>) -> Range<Int> {
        store.tokenStart(ofSentence: sentences.lowerBound)..<store.tokenStart(ofSentence: sentences.upperBound)
    }

    /// Drops tokens of the longer segment (the second on a tie), each from the front or the back with equal
    /// probability, until both fit.
    private func truncated(_ pair: SegmentPair, using generator: inout SplitMix64) -> SegmentPair {
        var result = pair
        while result.first.count + result.second.count > maximum {
            let dropsFront = generator.unit() < 0.5
            if result.first.count > result.second.count {
                result.first = shortened(result.first, atFront: dropsFront)
            } else {
                result.second = shortened(result.second, atFront: dropsFront)
            }
        }
        return result
    }

    private func shortened(_ range: Range<Int>, atFront: Bool) -> Range<Int> {
        atFront ? range.lowerBound + 1..<range.upperBound : range.lowerBound..<range.upperBound - 1
    }
}
