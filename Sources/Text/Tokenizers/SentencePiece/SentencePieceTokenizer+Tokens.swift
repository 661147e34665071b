extension SentencePieceTokenizer {
    /// The id of a token as the vocabulary spells it; nil if it has none.
    package func id(ofPiece piece: String) -> Int32? {
        if let token = added.values.first(where: { $0.content.utf8.elementsEqual(piece.utf8) }) { return token.id }
        let id = id(piece)
        return self.piece(id).utf8.elementsEqual(piece.utf8) ? id : nil
    }

    /// The tokens of a text. Special tokens that are written out are split out first, since SentencePiece never matches
    /// control symbols; what stands between them is encoded by itself.
    ///
    /// A token's range holds the scalars that its characters come from; a leading `▁` counts as part of the character
    /// behind it, as in the Rust `tokenizers`, so that a lone `▁` has the range of the first character of its word.
    package func tokenize(_ text: String) throws(TextError) -> [Token] {
        let scratch = SentencePieceModel.Scratch()
        var tokens: [Token] = []
        var start = 0
        let bytes = text.utf8.span
        for part in addedTokens.parts(of: bytes) ?? [AddedTokenFinder.Part(id: nil, range: 0..<bytes.count)] {
            let scalars = UTF8Text.scalars(bytes.extracting(part.range))
            if let id = part.id {
                tokens.append(Token(id: id, range: start..<start + scalars.count))
            } else {
                try append(scalars, from: start, scratch, to: &tokens)
            }
            start += scalars.count
        }
        return tokens
    }

    private func append(
        _ scalars: [Unicode.Scalar], from start: Int, _ scratch: borrowing SentencePieceModel.Scratch,
        to tokens: inout [Token]
    ) throws(TextError) {
        let text = preprocessing.preprocess(scalars, from: start)
        let cuts = try digitComma.cuts(String(String.UnicodeScalarView(text.scalars)), scratch)
        guard !cuts.isEmpty else { return }
        let origins = normalizer.normalize(text).origins
        guard origins.count == cuts.reduce(0, { $0 + $1.length }) else {
            throw TextError(
                .tokenizer,
                "cannot place the tokens of a text: its pieces have \(cuts.reduce(0) { $0 + $1.length }) characters, "
                    + "its normalized form \(origins.count)")
        }
        var position = 0
        for cut in cuts {
            let first = min(position, origins.count - 1)
            let last = max(first, position + cut.length - 1)
            tokens.append(Token(id: cut.id, range: origins[first]..<origins[last] + 1))
            position += cut.length
        }
    }

    /// The text that ids spell, as Hugging Face writes it: `▁` becomes a space, but not before the first token. Unknown
    /// text stays `<unk>`, or goes with the special tokens.
    package func decode(_ ids: [Int32], skippingSpecials: Bool) throws(TextError) -> String {
        if let bad = ids.first(where: { $0 < 0 || $0 >= vocabularySize }) {
            throw TextError(.tokenizer, "cannot decode id \(bad): the vocabulary has ids 0..<\(vocabularySize)")
        }
        let kept = skippingSpecials ? ids.filter { added[$0]?.isSpecial != true } : ids
        let pieces = kept.map { piece($0).unicodeScalars }
        let text = pieces.joined().map { $0 == "\u{2581}" ? " " : $0 }
        let isFirstOpened = pieces.first?.first == "\u{2581}"
        return String(String.UnicodeScalarView(isFirstOpened ? text.dropFirst() : text[...]))
    }
}

extension UTF8Text {
    /// The scalars of valid UTF-8.
    fileprivate static func scalars(_ text: Span<UInt8>) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            let (scalar, length) = scalar(in: text, at: position)
            scalars.append(scalar)
            position += length
        }
        return scalars
    }
}
