/// BERT's tokenizer: basic tokenization, then for every word the longest pieces of the vocabulary from left to right.
/// Ids and places are those of the Rust `tokenizers`. Immutable; any number of threads may use one at once.
package final class WordPieceTokenizer: Tokenizer {
    /// What happens to text.
    package let settings: WordPieceSettings
    /// Tokens of the vocabulary, added ones included.
    package let vocabularySize: Int
    package let specials: SpecialTokens
    package let template = EncodingTemplate.bert

    let vocabulary: WordPieceVocabulary
    let normalization: BertNormalization
    /// The node below which pieces that continue a word hang; nil if there are none.
    let continuation: Int?
    /// What each byte of a text is to the tokenizer.
    let byteKinds: [ByteKind]
    /// Each ASCII character as it is looked up.
    let caseMap: [UInt8]
    /// Added tokens that are sought in the text as it is written, and those sought in the normalized text.
    let writtenTokens: AddedTokenFinder
    let normalizedTokens: AddedTokenFinder
    private let added: [Int32: AddedToken]

    /// A tokenizer over a file of one token per line.
    ///
    /// - Throws: `unreadable`, or `malformedModel` naming the file and the special token that is missing.
    package convenience init(
        vocabularyPath: String, settings: WordPieceSettings = WordPieceSettings()
    ) throws(TextError) {
        let vocabulary = try WordPieceVocabulary(path: vocabularyPath)
        try self.init(vocabulary: vocabulary, name: vocabularyPath, settings: settings)
    }

    /// A tokenizer over a vocabulary and tokens added to it; the special tokens among the names of `settings` need not
    /// be listed. `name` appears in errors.
    package init(
        vocabulary: WordPieceVocabulary, name: String, settings: WordPieceSettings = WordPieceSettings(),
        addedTokens: [AddedToken] = []
    ) throws(TextError) {
        self.settings = settings
        self.vocabulary = vocabulary
        normalization = BertNormalization(settings: settings)
        continuation = vocabulary.node(ofPrefix: settings.continuationPrefix)
        var added: [Int32: AddedToken] = [:]
        let ids = try settings.names.all.map { (content) throws(TextError) -> Int32 in
            if let token = addedTokens.first(where: { $0.content.utf8.elementsEqual(content.utf8) }) { return token.id }
            guard let id = vocabulary.id(ofPiece: content) else {
                throw TextError(
                    .malformedModel, "\(name): no token \(content) among the \(vocabulary.count) of the vocabulary")
            }
            added[id] = AddedToken(id: id, content: content)
            return id
        }
        specials = SpecialTokens(
            padding: ids[0], unknown: ids[1], classification: ids[2], separator: ids[3], mask: ids[4])
        for token in addedTokens { added[token.id] = token }
        vocabularySize = max(vocabulary.count, (added.keys.max().map { Int($0) + 1 }) ?? 0)
        if let gap = (vocabulary.count..<vocabularySize).first(where: { added[Int32($0)] == nil }) {
            throw TextError(
                .malformedModel,
                "\(name): no token has id \(gap), between the vocabulary of \(vocabulary.count) and an added token")
        }
        self.added = added
        let sorted = added.values.sorted { $0.id < $1.id }
        writtenTokens = try AddedTokenFinder(
            sorted.filter { !$0.isNormalized }.map { ($0, Array($0.content.utf8)) })
        let normalization = normalization
        normalizedTokens = try AddedTokenFinder(
            sorted.filter(\.isNormalized).map { ($0, normalization.bytes(of: $0.content)) })
        byteKinds = ByteKind.table(settings)
        caseMap = (UInt8(0)...255).map { byte in
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            return isUpper && settings.lowercases ? byte + 32 : byte
        }
    }

    package func piece(_ id: Int32) -> String { added[id]?.content ?? vocabulary.piece(id) }

    package func id(ofPiece piece: String) -> Int32? {
        if let token = added.values.first(where: { $0.content.utf8.elementsEqual(piece.utf8) }) { return token.id }
        return vocabulary.id(ofPiece: piece)
    }

    package func tokenize(_ text: String) -> [Token] {
        var tokens: [Token] = []
        tokens.reserveCapacity(text.utf8.count / 4 + 2)
        append(tokensOf: text.utf8.span, to: &tokens)
        return tokens
    }

    package func decode(_ ids: [Int32], skippingSpecials: Bool) throws(TextError) -> String {
        let prefix = Array(settings.continuationPrefix.utf8)
        var bytes: [UInt8] = []
        var isFirst = true
        for id in ids {
            guard id >= 0 && id < vocabularySize else {
                throw TextError(.tokenizer, "cannot decode id \(id): the vocabulary has \(vocabularySize) tokens")
            }
            if skippingSpecials && added[id]?.isSpecial == true { continue }
            var piece = Array(self.piece(id).utf8)[...]
            if !isFirst {
                if piece.starts(with: prefix) { piece = piece.dropFirst(prefix.count) } else { bytes.append(0x20) }
            }
            bytes += piece
            isFirst = false
        }
        return DecodedText.tightened(bytes)
    }
}

extension BertNormalization {
    /// The normalized form of a text as UTF-8.
    fileprivate func bytes(of text: String) -> [UInt8] {
        var result = NormalizedText()
        let span = text.utf8.span
        _ = normalize(span, in: 0..<span.count, firstScalar: 0, into: &result)
        var bytes: [UInt8] = []
        for scalar in result.scalars { UTF8Text.append(scalar, to: &bytes) }
        return bytes
    }
}
