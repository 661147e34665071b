/// What a byte of a text is to the tokenizer.
enum ByteKind: UInt8 {
    /// An ASCII character of a word.
    case word
    /// An ASCII space.
    case space
    /// An ASCII mark of punctuation.
    case punctuation
    /// A control character, or a byte of a character beyond ASCII: the text has to be normalized.
    case other

    static func table(_ settings: WordPieceSettings) -> [ByteKind] {
        (UInt8(0)...255).map { byte in
            guard byte < 0x80 && !settings.isSplitByWhitespace else { return .other }
            let kind = BertScalar.of(Unicode.Scalar(byte))
            if kind.contains(.dropped) { return .other }
            return kind.contains(.space) ? .space : kind.contains(.punctuation) ? .punctuation : .word
        }
    }
}

/// What one call of `tokenize` works with.
private struct WordScratch {
    var text = NormalizedText()
    /// A word, with the index of the scalar that each byte belongs to.
    var word: [UInt8] = []
    var scalarIndex: [Int] = []
    /// Bytes read so far that do not begin a scalar: a byte's place less these is its scalar's place.
    var continuationBytes = 0
}

extension WordPieceTokenizer {
    private static let sameBytes = Array(UInt8(0)...255)

    /// Appends the tokens of valid UTF-8.
    func append(tokensOf text: Span<UInt8>, to tokens: inout [Token]) {
        var scratch = WordScratch()
        guard let parts = writtenTokens.parts(of: text) else {
            return append(text, 0..<text.count, &scratch, &tokens)
        }
        for part in parts {
            guard let id = part.id else {
                append(text, part.range, &scratch, &tokens)
                continue
            }
            let start = part.range.lowerBound - scratch.continuationBytes
            let length = UTF8Text.scalarCount(text.extracting(part.range))
            tokens.append(Token(id: id, range: start..<start + length))
            scratch.continuationBytes += part.range.count - length
        }
    }

    /// A stretch without added tokens. ASCII words are looked up where they stand; from a word with any other
    /// character on, the text up to the next space is normalized first. Spaces keep their neighbours apart, so that
    /// gives what normalizing the whole text gives.
    private func append(
        _ text: Span<UInt8>, _ range: Range<Int>, _ scratch: inout WordScratch, _ tokens: inout [Token]
    ) {
        guard normalizedTokens.isEmpty && !settings.isSplitByWhitespace else {
            return appendNormalized(text, range, &scratch, &tokens)
        }
        let (byteKinds, cells, lowered) = (byteKinds, vocabulary.nodes, caseMap)
        let kinds = byteKinds.span
        let nodes = cells.span
        let caseMap = lowered.span
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            switch kinds[Int(text[position])] {
            case .space:
                position += 1
                continue
            case .punctuation:
                position += 1
            case .word:
                repeat { position += 1 } while position < range.upperBound && kinds[Int(text[position])] == .word
            case .other:
                break
            }
            if position < range.upperBound && kinds[Int(text[position])] == .other
                && (position == start || kinds[Int(text[start])] == .word)
            {
                position = start
                while position < range.upperBound && kinds[Int(text[position])] != .space { position += 1 }
                appendNormalized(text, start..<position, &scratch, &tokens)
            } else {
                cut(
                    text, start..<position, characters: position - start, nodes, caseMap,
                    shift: scratch.continuationBytes, &tokens)
            }
        }
    }

    /// A stretch that is normalized, searched for added tokens that are sought there, and split into words.
    private func appendNormalized(
        _ text: Span<UInt8>, _ range: Range<Int>, _ scratch: inout WordScratch, _ tokens: inout [Token]
    ) {
        let first = range.lowerBound - scratch.continuationBytes
        let count = normalization.normalize(text, in: range, firstScalar: first, into: &scratch.text)
        scratch.continuationBytes += range.count - count
        guard !normalizedTokens.isEmpty else { return appendWords(scratch.text.scalars.indices, &scratch, &tokens) }

        var bytes: [UInt8] = []
        var scalarIndex: [Int] = []
        for (index, scalar) in scratch.text.scalars.enumerated() {
            UTF8Text.append(scalar, to: &bytes)
            while scalarIndex.count < bytes.count { scalarIndex.append(index) }
        }
        guard let parts = normalizedTokens.parts(of: bytes.span) else {
            return appendWords(scratch.text.scalars.indices, &scratch, &tokens)
        }
        for part in parts {
            let scalars = scalarIndex[part.range.lowerBound]..<scalarIndex[part.range.upperBound - 1] + 1
            if let id = part.id {
                tokens.append(Token(id: id, range: scratch.text.originalRange(scalars)))
            } else {
                appendWords(scalars, &scratch, &tokens)
            }
        }
    }

    /// Splits some scalars of the normalized text at spaces and around punctuation.
    private func appendWords(_ range: Range<Int>, _ scratch: inout WordScratch, _ tokens: inout [Token]) {
        var start = range.lowerBound
        for index in range {
            let scalar = scratch.text.scalars[index]
            let isSpace: Bool
            var isPunctuation = false
            if settings.isSplitByWhitespace {
                isSpace = AlbertText.isSpace(scalar)
            } else {
                let kind = BertScalar.of(scalar)
                isSpace = kind.contains(.space)
                isPunctuation = kind.contains(.punctuation)
            }
            guard isSpace || isPunctuation else { continue }
            appendWord(start..<index, &scratch, &tokens)
            if isPunctuation { appendWord(index..<index + 1, &scratch, &tokens) }
            start = index + 1
        }
        appendWord(start..<range.upperBound, &scratch, &tokens)
    }

    /// One word, as scalars of the normalized text.
    private func appendWord(_ range: Range<Int>, _ scratch: inout WordScratch, _ tokens: inout [Token]) {
        guard !range.isEmpty else { return }
        scratch.word.removeAll(keepingCapacity: true)
        scratch.scalarIndex.removeAll(keepingCapacity: true)
        for index in range {
            UTF8Text.append(scratch.text.scalars[index], to: &scratch.word)
            while scratch.scalarIndex.count < scratch.word.count { scratch.scalarIndex.append(index) }
        }
        let first = tokens.count
        let (cells, unchanged) = (vocabulary.nodes, Self.sameBytes)
        cut(
            scratch.word.span, 0..<scratch.word.count, characters: range.count, cells.span, unchanged.span, shift: 0,
            &tokens)
        for index in first..<tokens.count {
            let bytes = tokens[index].range
            let scalars = scratch.scalarIndex[bytes.lowerBound]..<scratch.scalarIndex[bytes.upperBound - 1] + 1
            tokens[index] = Token(id: tokens[index].id, range: scratch.text.originalRange(scalars))
        }
    }

    /// WordPiece: the longest token that begins the word, then the longest that continues it, and so on; the whole
    /// word is unknown if that does not use it up. `shift` is taken off the bytes' places.
    @inline(__always)
    private func cut(
        _ text: Span<UInt8>, _ word: Range<Int>, characters: Int, _ nodes: Span<WordPieceVocabulary.Node>,
        _ caseMap: Span<UInt8>, shift: Int, _ tokens: inout [Token]
    ) {
        let first = tokens.count
        var start = word.lowerBound
        var node = WordPieceVocabulary.root
        while characters <= settings.wordLimit {
            var token: Int32 = -1
            var end = start
            var position = start
            while position < word.upperBound {
                let child = Int(nodes[node].base) + Int(caseMap[Int(text[position])])
                guard Int(nodes[child].parent) == node else { break }
                node = child
                position += 1
                if nodes[node].token >= 0 {
                    token = nodes[node].token
                    end = position
                }
            }
            guard token >= 0 else { break }
            tokens.append(Token(id: token, range: start - shift..<end - shift))
            guard end < word.upperBound else { return }
            guard let continuation else { break }
            start = end
            node = continuation
        }
        tokens.removeLast(tokens.count - first)
        tokens.append(Token(id: specials.unknown, range: word.lowerBound - shift..<word.upperBound - shift))
    }
}

extension NormalizedText {
    /// The scalars of the original that these come from.
    fileprivate func originalRange(_ scalars: Range<Int>) -> Range<Int> {
        origins[scalars.lowerBound]..<origins[scalars.upperBound - 1] + 1
    }
}
