/// One text or a pair as a model reads it: tokens with their special tokens, not padded. All arrays have one entry for
/// each token.
package struct Encoding: Sendable, Hashable {
    /// Ids in the vocabulary.
    package var ids: [Int32] = []
    /// Token types: which segment a token belongs to, as the model was trained to tell them apart.
    package var typeIDs: [Int32] = []
    /// What each token stands for in its text, in Unicode scalars; nil for the special tokens of the template.
    package var tokens: [Range<Int>?] = []
    /// Whose text that is: 0 for the first, 1 for its pair; nil for the special tokens of the template.
    package var sequenceIndex: [Int?] = []
    /// How many tokens of the texts are not in here, because there was no room.
    package var removedCount = 0

    /// An encoding without tokens.
    package init() {}

    fileprivate mutating func append(_ text: ArraySlice<Token>, sequence: Int, type: Int32) {
        for token in text {
            ids.append(token.id)
            typeIDs.append(type)
            tokens.append(token.range)
            sequenceIndex.append(sequence)
        }
    }

    fileprivate mutating func append(special id: Int32, type: Int32 = 0) {
        ids.append(id)
        typeIDs.append(type)
        tokens.append(nil)
        sequenceIndex.append(nil)
    }
}

extension EncodingTemplate {
    /// How many special tokens go around a text, or around a pair.
    package func specialCount(isPair: Bool) -> Int {
        switch self {
        case .bert: isPair ? 3 : 2
        case .roberta: isPair ? 4 : 2
        }
    }

    /// The tokens of a text, or of a pair, with their special tokens.
    func wrap(_ first: ArraySlice<Token>, _ second: ArraySlice<Token>?, _ specials: SpecialTokens) -> Encoding {
        let secondType: Int32 = self == .bert ? 1 : 0
        var encoding = Encoding()
        encoding.append(special: specials.classification)
        encoding.append(first, sequence: 0, type: 0)
        encoding.append(special: specials.separator)
        if let second {
            if self == .roberta { encoding.append(special: specials.separator) }
            encoding.append(second, sequence: 1, type: secondType)
            encoding.append(special: specials.separator, type: secondType)
        }
        return encoding
    }
}
