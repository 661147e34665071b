/// A token that is found in the text as it is written, before anything else happens to the text.
package struct AddedToken: Sendable, Hashable {
    /// Its id, in the vocabulary or behind it.
    package var id: Int32
    /// How it is written.
    package var content: String
    /// It stands for itself only between characters that are no part of a word.
    package var isSingleWord: Bool
    /// White space before it belongs to it.
    package var takesSpaceBefore: Bool
    /// White space behind it belongs to it.
    package var takesSpaceAfter: Bool
    /// It is sought in the normalized text, in its own normalized form.
    package var isNormalized: Bool
    /// Decoding may leave it out.
    package var isSpecial: Bool

    /// A special token without further rules, unless told otherwise.
    package init(
        id: Int32, content: String, isSingleWord: Bool = false, takesSpaceBefore: Bool = false,
        takesSpaceAfter: Bool = false, isNormalized: Bool = false, isSpecial: Bool = true
    ) {
        self.id = id
        self.content = content
        self.isSingleWord = isSingleWord
        self.takesSpaceBefore = takesSpaceBefore
        self.takesSpaceAfter = takesSpaceAfter
        self.isNormalized = isNormalized
        self.isSpecial = isSpecial
    }
}

/// Finds added tokens in UTF-8 text: at each place the longest, from left to right, as the Rust `tokenizers` do.
struct AddedTokenFinder: Sendable {
    /// A stretch of text: one added token, or what stands between two.
    struct Part {
        /// The token's id; nil between tokens.
        let id: Int32?
        /// In bytes.
        let range: Range<Int>
    }

    private let tokens: [AddedToken]
    private let trie: WordPieceVocabulary?
    private var isFirstByte = [Bool](repeating: false, count: 256)

    /// A finder of the tokens whose contents are given beside them; empty contents are ignored.
    init(_ entries: [(token: AddedToken, content: [UInt8])]) throws(TextError) {
        let entries = entries.filter { !$0.content.isEmpty }
        tokens = entries.map(\.token)
        trie = entries.isEmpty ? nil : try WordPieceVocabulary(tokens: entries.map(\.content), name: "added tokens")
        for entry in entries { isFirstByte[Int(entry.content[0])] = true }
    }

    /// Whether there is nothing to find.
    var isEmpty: Bool { trie == nil }

    /// The parts of the text, which cover it; nil if no added token occurs in it.
    func parts(of text: Span<UInt8>) -> [Part]? {
        guard let trie else { return nil }
        let firsts = isFirstByte.span
        var parts: [Part] = []
        var found = false
        var covered = 0
        var position = 0
        while position < text.count {
            guard firsts[Int(text[position])], let match = longest(trie, in: text, at: position) else {
                position += 1
                continue
            }
            let token = tokens[match.token]
            var range = position..<match.end
            position = match.end
            if token.isSingleWord && !Self.standsAlone(range, in: text) { continue }
            if token.takesSpaceBefore {
                range = max(covered, Self.startOfSpace(before: range.lowerBound, in: text))..<range.upperBound
            }
            if token.takesSpaceAfter {
                range = range.lowerBound..<Self.endOfSpace(after: range.upperBound, in: text)
            }
            if covered < range.lowerBound { parts.append(Part(id: nil, range: covered..<range.lowerBound)) }
            parts.append(Part(id: token.id, range: range))
            covered = range.upperBound
            found = true
        }
        guard found else { return nil }
        if covered < text.count { parts.append(Part(id: nil, range: covered..<text.count)) }
        return parts
    }

    private func longest(
        _ trie: WordPieceVocabulary, in text: Span<UInt8>, at start: Int
    ) -> (token: Int, end: Int)? {
        var match: (token: Int, end: Int)?
        var node = WordPieceVocabulary.root
        for end in start..<text.count {
            let child = Int(trie.nodes[node].base) + Int(text[end])
            guard Int(trie.nodes[child].parent) == node else { break }
            node = child
            if trie.nodes[node].token >= 0 { match = (Int(trie.nodes[node].token), end + 1) }
        }
        return match
    }

    private static func standsAlone(_ range: Range<Int>, in text: Span<UInt8>) -> Bool {
        if range.lowerBound > 0, UTF8Text.scalar(in: text, before: range.lowerBound).scalar.isWordCharacter {
            return false
        }
        return range.upperBound == text.count
            || !UTF8Text.scalar(in: text, at: range.upperBound).scalar.isWordCharacter
    }

    private static func startOfSpace(before position: Int, in text: Span<UInt8>) -> Int {
        var position = position
        while position > 0 {
            let (scalar, length) = UTF8Text.scalar(in: text, before: position)
            guard scalar.properties.isWhitespace else { break }
            position -= length
        }
        return position
    }

    private static func endOfSpace(after position: Int, in text: Span<UInt8>) -> Int {
        var position = position
        while position < text.count {
            let (scalar, length) = UTF8Text.scalar(in: text, at: position)
            guard scalar.properties.isWhitespace else { break }
            position += length
        }
        return position
    }
}

extension Unicode.Scalar {
    /// Whether regular expressions count it as `\w` (Unicode technical standard 18, annex C).
    fileprivate var isWordCharacter: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
        default: properties.isAlphabetic || properties.isJoinControl
        }
    }
}
