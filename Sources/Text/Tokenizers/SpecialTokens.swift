/// The ids of the pieces that models treat specially.
package struct SpecialTokens: Sendable, Hashable, Codable {
    /// `<pad>`: fills a batch.
    package let padding: Int32
    /// `<unk>`: what the vocabulary cannot spell.
    package let unknown: Int32
    /// `[CLS]`: opens every sequence.
    package let classification: Int32
    /// `[SEP]`: ends every segment.
    package let separator: Int32
    /// `[MASK]`: hides a token.
    package let mask: Int32

    /// These ids.
    package init(padding: Int32, unknown: Int32, classification: Int32, separator: Int32, mask: Int32) {
        self.padding = padding
        self.unknown = unknown
        self.classification = classification
        self.separator = separator
        self.mask = mask
    }

    /// How ALBERT vocabularies spell them, in the order of the fields above.
    package static let albertPieces = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
}

/// Where words start, for whole-word masking over SentencePiece (the rule of the ALBERT pretraining code).
package enum WordStart {
    private static let punctuation = Set("!\"#$%&\"()*+,-./:;?@[\\]^_`{|}~".unicodeScalars)

    /// Whether a piece starts a word: it begins with `▁` or `<`, or is one mark of punctuation, or holds a character
    /// that is neither an ASCII letter nor such a mark. So digits, apostrophes, `=`, `>` and all foreign letters start
    /// words of their own.
    package static func isStart(piece: String) -> Bool {
        let scalars = piece.unicodeScalars
        guard let first = scalars.first else { return true }
        if first == "\u{2581}" || first == "<" { return true }
        if scalars.count == 1 && punctuation.contains(first) { return true }
        return scalars.contains { scalar in
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            return !isLetter && !punctuation.contains(scalar)
        }
    }
}
