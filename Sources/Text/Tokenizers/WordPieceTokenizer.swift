/// BERT's tokenizer: text is cleaned, split at spaces and punctuation, and each word is cut into the longest pieces of the
/// vocabulary from left to right (Devlin et al. 2019; Wu et al. 2016, §4.1). Pieces inside a word carry `##`.
package struct WordPieceTokenizer: Tokenizer {
    /// What happens to text before it is cut into pieces.
    package struct Settings: Sendable, Hashable {
        /// Lower-case everything.
        package var lowercases = true
        /// Drop accents; as `lowercases` if nil.
        package var stripsAccents: Bool?
        /// Ideographs are words of their own.
        package var splitsChinese = true
        /// Words of more characters become unknown; 200 in the original programs.
        package var wordLimit = 100
        /// The text is cut at spaces alone and changed nowhere: it was split into words before.
        package var takesWordsAsTheyAre = false

        /// The uncased English models'.
        package init() {}
    }

    package let specials: SpecialTokens
    package let template = EncodingTemplate.bert
    /// The settings in use.
    package let settings: Settings
    private let pieces: [String]
    private let ids: [String: Int32]
    private let trie: WordPieceTrie
    /// The node before the first byte of a piece inside a word; nil if the vocabulary has no such piece.
    private let continuation: UInt32?
    private let characters: BertCharacters
    private let splitter: SpecialTokenSplitter

    /// How BERT vocabularies spell their special tokens, in the order of `SpecialTokens`.
    package static let specialPieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    /// Reads `vocab.txt`: one token per line, the id of each is its line, counted from 0.
    ///
    /// - Throws: `unreadable`, or `malformedModel` naming the special token that is missing.
    package init(path: String, settings: Settings = Settings()) throws(TextError) {
        let file = try MappedFile(path)
        let text = unsafe file.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.last == "\r" ? line.dropLast() : line)
        }
        if lines.last == "" { lines.removeLast() }
        try self.init(pieces: lines, name: path, settings: settings)
    }

    /// A vocabulary whose ids are the places of `pieces`; `name` appears in errors.
    package init(pieces: [String], name: String, settings: Settings = Settings()) throws(TextError) {
        var ids: [String: Int32] = [:]
        for (id, piece) in pieces.enumerated() { ids[piece] = Int32(id) }
        var found: [Int32] = []
        for piece in Self.specialPieces {
            guard let id = ids[piece] else {
                throw TextError(
                    .malformedModel,
                    "\(name): the vocabulary of \(pieces.count) tokens has no \(piece), which BERT needs")
            }
            found.append(id)
        }
        self.pieces = pieces
        self.ids = ids
        self.settings = settings
        specials = SpecialTokens(
            padding: found[0], unknown: found[1], classification: found[2], separator: found[3], mask: found[4])
        trie = WordPieceTrie(pieces.map { Array($0.utf8) })
        continuation = trie.node(after: Array("##".utf8))
        characters = BertCharacters(
            lowercases: settings.lowercases, stripsAccents: settings.stripsAccents ?? settings.lowercases,
            splitsChinese: settings.splitsChinese)
        splitter = SpecialTokenSplitter(zip(Self.specialPieces, found).map { ($0, $1) })
    }

    package var vocabularySize: Int { pieces.count }

    package func piece(_ id: Int32) -> String { pieces[Int(id)] }

    package func id(ofPiece piece: String) -> Int32? { ids[piece] }

    package func tokenize(_ text: String) -> [Token] {
        var tokens: [Token] = []
        tokens.reserveCapacity(text.utf8.count / 4 + 4)
        var text = text
        text.withUTF8 { bytes in
            unsafe splitter.split(bytes) { part in
                switch part {
                case .special(let id, let range): tokens.append(Token(id: id, range: range))
                case .text(let bytes, let firstScalar):
                    unsafe tokenize(bytes, firstScalar: firstScalar, into: &tokens)
                }
            }
        }
        return tokens
    }

    package func decode(_ ids: [Int32], skippingSpecials: Bool) throws(TextError) -> String {
        if let bad = ids.first(where: { $0 < 0 || $0 >= pieces.count }) {
            throw TextError(.tokenizer, "cannot decode id \(bad): the vocabulary has ids 0..<\(pieces.count)")
        }
        let special = Set([
            specials.padding, specials.unknown, specials.classification, specials.separator, specials.mask,
        ])
        var text = ""
        for id in ids where !(skippingSpecials && special.contains(id)) {
            let piece = pieces[Int(id)]
            if piece.hasPrefix("##"), !text.isEmpty {
                text += piece.dropFirst(2)
            } else {
                text += text.isEmpty ? piece : " \(piece)"
            }
        }
        return DecodedSpacing.tightened(text)
    }

    // MARK: Words

    /// A word on its way into pieces: its UTF-8 bytes, and for each byte that begins a character where that character
    /// came from.
    private struct Word {
        var bytes: [UInt8] = []
        /// The original character of each byte.
        var origins: [Int] = []
        var characterCount = 0

        mutating func removeAll() {
            bytes.removeAll(keepingCapacity: true)
            origins.removeAll(keepingCapacity: true)
            characterCount = 0
        }

        @inline(__always)
        mutating func append(ascii byte: UInt8, origin: Int) {
            bytes.append(byte)
            origins.append(origin)
            characterCount += 1
        }

        mutating func append(_ scalar: Unicode.Scalar, origin: Int) {
            for byte in String(scalar).utf8 {
                bytes.append(byte)
                origins.append(origin)
            }
            characterCount += 1
        }
    }

    private func tokenize(_ bytes: UnsafeBufferPointer<UInt8>, firstScalar: Int, into tokens: inout [Token]) {
        var word = Word()
        var scalarIndex = firstScalar
        var place = 0
        let count = bytes.count
        while place < count {
            let byte = unsafe bytes[place]
            if byte < 0x80, !settings.takesWordsAsTheyAre {
                place += 1
                let (normal, kind) = characters.normalized(ascii: byte)
                if kind == .letter {
                    word.append(ascii: normal, origin: scalarIndex)
                } else if normal != 0 {
                    finish(&word, into: &tokens)
                    if kind == .single {
                        word.append(ascii: normal, origin: scalarIndex)
                        finish(&word, into: &tokens)
                    }
                }
            } else {
                let (scalar, length) = unsafe Self.scalar(bytes, at: place)
                place += length
                if settings.takesWordsAsTheyAre {
                    if scalar.properties.isWhitespace {
                        finish(&word, into: &tokens)
                    } else {
                        word.append(scalar, origin: scalarIndex)
                    }
                } else {
                    characters.normalize(scalar) { scalar, kind in
                        if kind != .letter { finish(&word, into: &tokens) }
                        if kind != .space { word.append(scalar, origin: scalarIndex) }
                        if kind == .single { finish(&word, into: &tokens) }
                    }
                }
            }
            scalarIndex += 1
        }
        finish(&word, into: &tokens)
    }

    /// Cuts a word into pieces, or makes it unknown as a whole, and empties it.
    @inline(__always)
    private func finish(_ word: inout Word, into tokens: inout [Token]) {
        guard !word.bytes.isEmpty else { return }
        cut(word, into: &tokens)
        word.removeAll()
    }

    private func cut(_ word: Word, into tokens: inout [Token]) {
        let first = tokens.count
        let count = word.bytes.count
        var start = 0
        while start < count {
            var node = start == 0 ? WordPieceTrie.root : continuation
            var best: (id: Int32, end: Int)?
            var place = start
            while place < count, let current = node {
                node = trie.child(of: current, word.bytes[place])
                place += 1
                guard let node else { break }
                let id = trie.id(at: node)
                if id >= 0 { best = (id, place) }
            }
            guard let best, word.characterCount <= settings.wordLimit else {
                tokens.removeSubrange(first...)
                tokens.append(
                    Token(id: specials.unknown, range: word.origins[0]..<word.origins[count - 1] + 1))
                return
            }
            tokens.append(Token(id: best.id, range: word.origins[start]..<word.origins[best.end - 1] + 1))
            start = best.end
        }
    }

    /// The character at `place` of valid UTF-8, and its bytes.
    private static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> (Unicode.Scalar, Int) {
        let lead = unsafe UInt32(bytes[place])
        let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        var value = length == 1 ? lead : lead & (0xFF >> UInt32(length + 1))
        for offset in 1..<max(length, 1) { value = value << 6 | (unsafe UInt32(bytes[place + offset]) & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }
}
