/// One training example for masked-token and segment-pair prediction, unpadded.
package struct PretrainingRecord: Sendable, Equatable {
    /// `[CLS] A [SEP] B [SEP]` with masked tokens hidden. [tokens]
    package var inputIDs: [Int32]
    /// 0 for `[CLS] A [SEP]`, 1 for `B [SEP]`. [tokens]
    package var segmentIDs: [UInt8]
    /// 1 at special tokens and where a word starts, judged on the unmasked text. [tokens]
    package var tokenBoundary: [UInt8]
    /// Positions to predict, ascending. [predictions]
    package var maskedPositions: [Int32]
    /// The ids that stood at these positions. [predictions]
    package var maskedIDs: [Int32]
    /// Sentence order: 1 if swapped (or random text after a one-sentence chunk). Next sentence: 1 if random.
    package var pairLabel: Int32

    /// A record of these parts; the lengths must agree as documented above.
    package init(
        inputIDs: [Int32], segmentIDs: [UInt8], tokenBoundary: [UInt8], maskedPositions: [Int32], maskedIDs: [Int32],
        pairLabel: Int32
    ) {
        self.inputIDs = inputIDs
        self.segmentIDs = segmentIDs
        self.tokenBoundary = tokenBoundary
        self.maskedPositions = maskedPositions
        self.maskedIDs = maskedIDs
        self.pairLabel = pairLabel
    }
}

/// Makes the records of documents. A record is a pure function of (store, parameters, pass, document).
package struct RecordMaker: Sendable {
    private let store: TokenStore
    private let pairs: SegmentPairs
    private let masking: TokenMasking
    private let specials: SpecialTokens
    private let isWordStart: [Bool]
    private let seed: UInt64

    /// A maker over a store that `tokenizer` has tokenised.
    package init(_ store: TokenStore, tokenizer: SentencePieceTokenizer, _ parameters: RecordParameters) {
        self.store = store
        pairs = SegmentPairs(store, parameters)
        masking = TokenMasking(
            isWordStart: tokenizer.isWordStart, specials: tokenizer.specials, parameters)
        specials = tokenizer.specials
        isWordStart = tokenizer.isWordStart
        seed = parameters.seed
    }

    /// The records of one pass over one document.
    package func records(ofDocument document: Int, pass: Int) -> [PretrainingRecord] {
        var generator = SplitMix64(seed: seed, UInt64(pass), UInt64(document))
        return pairs.pairs(ofDocument: document, using: &generator).map { record($0, using: &generator) }
    }

    private func record(_ pair: SegmentPair, using generator: inout SplitMix64) -> PretrainingRecord {
        let count = pair.first.count + pair.second.count + 3
        var ids: [Int32] = []
        ids.reserveCapacity(count)
        ids.append(specials.classification)
        store.append(pair.first, to: &ids)
        ids.append(specials.separator)
        var segments = [UInt8](repeating: 0, count: ids.count)
        store.append(pair.second, to: &ids)
        ids.append(specials.separator)
        segments.append(contentsOf: repeatElement(1, count: count - segments.count))
        let boundary = ids.map { isWordStart[Int($0)] ? UInt8(1) : 0 }
        let selection = masking.mask(&ids, using: &generator)
        return PretrainingRecord(
            inputIDs: ids, segmentIDs: segments, tokenBoundary: boundary, maskedPositions: selection.positions,
            maskedIDs: selection.ids, pairLabel: pair.label)
    }
}
