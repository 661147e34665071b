/// The tokenizer of the Japanese BERT models: NFKC, words by a splitter, then WordPiece or single characters in every
/// word. Immutable; any number of threads may use one at once.
package final class JapaneseTokenizer: Tokenizer {
    /// What a word is cut into.
    package enum Subwords: Sendable, Hashable {
        /// The longest pieces of the vocabulary, from left to right.
        case wordPiece
        /// Characters, each looked up by itself.
        case characters
    }

    /// What happens to text.
    package struct Settings: Sendable, Hashable {
        /// What words are cut into.
        package var subwords: Subwords
        /// Compose text (NFKC) before it is split.
        package var composes: Bool
        /// Lower-case words.
        package var lowercases: Bool
        /// How the vocabulary spells the special tokens.
        package var names: SpecialTokenNames

        /// Those of the published models unless told otherwise.
        package init(
            subwords: Subwords = .wordPiece, composes: Bool = true, lowercases: Bool = false,
            names: SpecialTokenNames = .bert
        ) {
            self.subwords = subwords
            self.composes = composes
            self.lowercases = lowercases
            self.names = names
        }
    }

    /// What happens to text.
    package let settings: Settings
    private let splitter: any WordSplitting
    private let pieces: WordPieceTokenizer

    package var vocabularySize: Int { pieces.vocabularySize }
    package var specials: SpecialTokens { pieces.specials }
    package var template: EncodingTemplate { .bert }

    /// A tokenizer over a file of one token per line; throws as `WordPieceTokenizer` does.
    package convenience init(
        vocabularyPath: String, splitter: any WordSplitting, settings: Settings = Settings()
    ) throws(TextError) {
        let vocabulary = try WordPieceVocabulary(path: vocabularyPath)
        try self.init(vocabulary: vocabulary, name: vocabularyPath, splitter: splitter, settings: settings)
    }

    /// A tokenizer over a vocabulary and tokens added to it; `name` appears in errors.
    package init(
        vocabulary: WordPieceVocabulary, name: String, splitter: any WordSplitting, settings: Settings = Settings(),
        addedTokens: [AddedToken] = []
    ) throws(TextError) {
        self.settings = settings
        self.splitter = splitter
        pieces = try WordPieceTokenizer(
            vocabulary: vocabulary, name: name,
            settings: WordPieceSettings(lowercases: false, isSplitByWhitespace: true, names: settings.names),
            addedTokens: addedTokens)
    }

    package func piece(_ id: Int32) -> String { pieces.piece(id) }

    package func id(ofPiece piece: String) -> Int32? { pieces.id(ofPiece: piece) }

    package func decode(_ ids: [Int32], skippingSpecials: Bool) throws(TextError) -> String {
        try pieces.decode(ids, skippingSpecials: skippingSpecials)
    }

    /// The tokens of a text. Special tokens that are written out are split out first. The range of a token holds every
    /// character that was composed into it.
    package func tokenize(_ text: String) throws(TextError) -> [Token] {
        let scalars = Array(text.unicodeScalars)
        let bytes = text.utf8.span
        let parts = pieces.writtenTokens.parts(of: bytes) ?? [AddedTokenFinder.Part(id: nil, range: 0..<bytes.count)]
        var tokens: [Token] = []
        var start = 0
        for part in parts {
            let end = start + UTF8Text.scalarCount(bytes.extracting(part.range))
            if let id = part.id {
                tokens.append(Token(id: id, range: start..<end))
            } else {
                try append(Array(scalars[start..<end]), from: start, to: &tokens)
            }
            start = end
        }
        return tokens
    }

    private func append(_ scalars: [Unicode.Scalar], from start: Int, to tokens: inout [Token]) throws(TextError) {
        let text = settings.composes ? ComposedText(scalars, from: start) : ComposedText(verbatim: scalars, from: start)
        var scalarAt: [Int] = []
        for (index, scalar) in text.scalars.enumerated() {
            scalarAt += Array(repeating: index, count: UTF8.width(scalar))
        }
        for bytes in try splitter.words(of: String(String.UnicodeScalarView(text.scalars))) {
            guard let last = bytes.last, scalarAt.indices.contains(last), bytes.lowerBound >= 0 else { continue }
            append(text, scalarAt[bytes.lowerBound]..<scalarAt[last] + 1, to: &tokens)
        }
    }

    /// One word, as scalars of the composed text.
    private func append(_ text: ComposedText, _ range: Range<Int>, to tokens: inout [Token]) {
        var word = NormalizedText()
        for index in range { word.append(text.scalars[index], index) }
        if settings.lowercases { word = AlbertText.lowercased(word, knowsFinalSigma: true) }
        switch settings.subwords {
        case .wordPiece:
            for token in pieces.tokenize(String(String.UnicodeScalarView(word.scalars))) {
                let first = word.origins[token.range.lowerBound]
                let last = word.origins[token.range.upperBound - 1]
                tokens.append(
                    Token(id: token.id, range: text.origins[first].lowerBound..<text.origins[last].upperBound))
            }
        case .characters:
            for (scalar, origin) in zip(word.scalars, word.origins) {
                let id = pieces.id(ofPiece: String(scalar)) ?? specials.unknown
                tokens.append(Token(id: id, range: text.origins[origin]))
            }
        }
    }
}
