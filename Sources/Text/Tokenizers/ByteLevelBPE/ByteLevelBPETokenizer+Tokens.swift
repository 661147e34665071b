extension ByteLevelBPETokenizer {
    /// The tokens of a text. Special tokens that are written out are split out first. A token's range leaves out the
    /// spaces at its ends, and holds every character of which it has a byte.
    package func tokenize(_ text: String) -> [Token] {
        let bytes = text.utf8.span
        var result = Result(addsPrefixSpace: addsPrefixSpace)
        result.tokens.reserveCapacity(bytes.count / 4 + 2)
        guard let parts = addedTokens.parts(of: bytes) else {
            append(bytes, to: &result)
            return result.tokens
        }
        for part in parts {
            let stretch = bytes.extracting(part.range)
            guard let id = part.id else {
                append(stretch, to: &result)
                continue
            }
            let end = result.start + UTF8Text.scalarCount(stretch)
            result.append(id, result.start..<end, Self.spaces(around: stretch))
            result.start = end
        }
        return result.tokens
    }

    /// The scalars of white space that a special token took before and behind it.
    private static func spaces(around text: Span<UInt8>) -> (leading: Int, trailing: Int) {
        var (leading, trailing, scalars) = (0, 0, 0)
        var position = 0
        while position < text.count {
            let (scalar, length) = UTF8Text.scalar(in: text, at: position)
            let isSpace = scalar.isByteLevelSpace
            if isSpace && trailing == scalars { leading += 1 }
            trailing = isSpace ? trailing + 1 : 0
            position += length
            scalars += 1
        }
        return (leading, trailing)
    }

    /// What one call works with.
    private struct Result {
        let addsPrefixSpace: Bool
        var tokens: [Token] = []
        var merging = BytePairMerging()
        /// The scalar of the text at which the next word begins.
        var start = 0

        init(addsPrefixSpace: Bool) { self.addsPrefixSpace = addsPrefixSpace }

        /// Adds a token without the spaces at its ends. Where a space is put before the text, a single one of the
        /// first token, and of any that begins where the text does, is taken for it and stays.
        @inline(__always)
        mutating func append(_ id: Int32, _ range: Range<Int>, _ spaces: (leading: Int, trailing: Int)) {
            var (start, end) = (range.lowerBound, range.upperBound)
            if spaces.leading > 0 {
                let isAdded = addsPrefixSpace && spaces.leading == 1 && (tokens.isEmpty || start == 0)
                if !isAdded { start = min(start + spaces.leading, end) }
            }
            if spaces.trailing > 0 && end >= spaces.trailing { end = max(end - spaces.trailing, start) }
            tokens.append(Token(id: id, range: start..<end))
        }
    }

    /// A stretch without special tokens.
    private func append(_ text: Span<UInt8>, to result: inout Result) {
        guard !text.isEmpty else { return }
        guard addsPrefixSpace && text[0] != 0x20 else { return appendWords(text, isPrefixed: false, to: &result) }
        var prefixed: [UInt8] = [0x20]
        prefixed.reserveCapacity(text.count + 1)
        for index in 0..<text.count { prefixed.append(text[index]) }
        appendWords(prefixed.span, isPrefixed: true, to: &result)
    }

    /// The words of a stretch; a space that was put before it lies where its first character does.
    private func appendWords(_ text: Span<UInt8>, isPrefixed: Bool, to result: inout Result) {
        let (words, vocabulary, allSpaces, kinds) = (words, vocabulary, spaces, WordKind.basicPlane)
        let (wordEntries, wordBytes) = (words.entries.span, words.bytes.span)
        let (byteIDs, merges) = (vocabulary.byteIDs.span, vocabulary.merges.entries.span)
        let (spaces, kindSpan) = (allSpaces.span, kinds.span)
        let longest = words.longest
        let unknown = specials.unknown
        let first = result.start
        var position = 0
        var scalar = isPrefixed ? first - 1 : first
        while position < text.count {
            let (end, scalars) = WordSplitter.word(in: text, from: position, to: text.count, kindSpan)
            let word = position..<end
            position = end
            let id = word.count <= longest ? WordTable.find(text, word, in: wordEntries, wordBytes) : -1
            if id >= 0 {
                result.append(id, max(scalar, first)..<max(scalar + scalars, first + 1), spaces[Int(id)])
            } else {
                result.merging.merge(text, word, byteIDs, merges)
                var start = 0
                var leads = 0
                for index in result.merging.ids.indices {
                    let tokenEnd = result.merging.ends[index]
                    if text[word.lowerBound + start] & 0xC0 != 0x80 { leads += 1 }
                    let lower = scalar + leads - 1
                    for byte in start + 1..<max(tokenEnd, start + 1) where text[word.lowerBound + byte] & 0xC0 != 0x80 {
                        leads += 1
                    }
                    let range = max(lower, first)..<max(scalar + leads, first + 1)
                    let id = result.merging.ids[index]
                    result.append(id < 0 ? unknown : id, range, spaces[Int(id < 0 ? unknown : id)])
                    start = tokenEnd
                }
            }
            scalar += scalars
        }
        result.start = scalar
    }
}
