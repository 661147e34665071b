/// RoBERTa's tokenizer: text is split into words, their bytes are merged pair by pair in the order of a list of merges.
/// Ids and places are those of the Rust `tokenizers`. Immutable; any number of threads may use one at once.
package final class ByteLevelBPETokenizer: Tokenizer {
    /// Whether a text, and each stretch of it behind a special token, is read as if a space stood before it.
    package let addsPrefixSpace: Bool
    /// Tokens of the vocabulary, added ones included.
    package let vocabularySize: Int
    package let specials: SpecialTokens
    package let template = EncodingTemplate.roberta

    let vocabulary: BytePairVocabulary
    /// Words that merge into one token.
    let words: WordTable
    /// Spaces at the start and at the end of each token, which are left out of its range.
    let spaces: [(leading: Int, trailing: Int)]
    let addedTokens: AddedTokenFinder
    private let added: [Int32: AddedToken]

    /// A tokenizer over `vocab.json` and `merges.txt`. `<mask>` takes the white space before it.
    ///
    /// - Throws: `unreadable`, or `malformedModel` naming the file and the line, the key, or the special token that is
    ///   missing.
    package convenience init(
        vocabularyPath: String, mergesPath: String, addsPrefixSpace: Bool = false
    ) throws(TextError) {
        let vocabulary = try BytePairVocabulary(vocabularyPath: vocabularyPath, mergesPath: mergesPath)
        try self.init(vocabulary: vocabulary, name: vocabularyPath, addsPrefixSpace: addsPrefixSpace)
    }

    /// A tokenizer over a vocabulary and tokens added to it; the special tokens among `names` need not be listed.
    /// `name` appears in errors.
    init(
        vocabulary: BytePairVocabulary, name: String, addsPrefixSpace: Bool = false,
        names: SpecialTokenNames = .roberta, addedTokens: [AddedToken] = []
    ) throws(TextError) {
        self.vocabulary = vocabulary
        self.addsPrefixSpace = addsPrefixSpace
        var added: [Int32: AddedToken] = [:]
        let ids = try names.all.map { (content) throws(TextError) -> Int32 in
            if let token = addedTokens.first(where: { $0.content.utf8.elementsEqual(content.utf8) }) { return token.id }
            guard let id = vocabulary.id(content) else {
                throw TextError(
                    .malformedModel,
                    "\(name): no token \(content) among the \(vocabulary.spellings.count) of the vocabulary")
            }
            added[id] = AddedToken(id: id, content: content, takesSpaceBefore: content == names.mask)
            return id
        }
        specials = SpecialTokens(
            padding: ids[0], unknown: ids[1], classification: ids[2], separator: ids[3], mask: ids[4])
        for token in addedTokens { added[token.id] = token }
        let count = vocabulary.spellings.count
        vocabularySize = max(count, (added.keys.max().map { Int($0) + 1 }) ?? 0)
        if let gap = (count..<vocabularySize).first(where: { added[Int32($0)] == nil }) {
            throw TextError(
                .malformedModel,
                "\(name): no token has id \(gap), between the vocabulary of \(count) and an added token")
        }
        self.added = added
        self.addedTokens = try AddedTokenFinder(
            added.values.sorted { $0.id < $1.id }.map { ($0, Array($0.content.utf8)) })
        words = WordTable(Self.wholeWords(vocabulary))
        spaces = vocabulary.spellings.map { spelling in
            let scalars = spelling.unicodeScalars
            return (
                scalars.prefix(while: \.isByteLevelSpace).count,
                scalars.reversed().prefix(while: \.isByteLevelSpace).count
            )
        }
    }

    /// The tokens that merging gives for their own bytes, looked up without merging afterwards.
    private static func wholeWords(_ vocabulary: BytePairVocabulary) -> [(bytes: [UInt8], id: Int32)] {
        var merging = BytePairMerging()
        var words: [(bytes: [UInt8], id: Int32)] = []
        for (id, spelling) in vocabulary.spellings.enumerated() {
            guard let bytes = ByteAlphabet.bytes(of: spelling), !bytes.isEmpty else { continue }
            merging.merge(
                bytes.span, 0..<bytes.count, vocabulary.byteIDs.span, vocabulary.merges.entries.span)
            if merging.ids == [Int32(id)] { words.append((bytes, Int32(id))) }
        }
        return words
    }

    package func piece(_ id: Int32) -> String { added[id]?.content ?? vocabulary.spellings[Int(id)] }

    package func id(ofPiece piece: String) -> Int32? {
        if let token = added.values.first(where: { $0.content.utf8.elementsEqual(piece.utf8) }) { return token.id }
        return vocabulary.id(piece)
    }

    /// The text that ids spell; bytes that are no UTF-8 become U+FFFD.
    package func decode(_ ids: [Int32], skippingSpecials: Bool) throws(TextError) -> String {
        var bytes: [UInt8] = []
        for id in ids {
            guard id >= 0 && id < vocabularySize else {
                throw TextError(.tokenizer, "cannot decode id \(id): the vocabulary has \(vocabularySize) tokens")
            }
            if skippingSpecials && added[id]?.isSpecial == true { continue }
            let piece = piece(id)
            bytes += ByteAlphabet.bytes(of: piece) ?? Array(piece.utf8)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension SpecialTokenNames {
    /// RoBERTa's.
    package static let roberta = SpecialTokenNames(
        padding: "<pad>", unknown: "<unk>", classification: "<s>", separator: "</s>", mask: "<mask>")
}
