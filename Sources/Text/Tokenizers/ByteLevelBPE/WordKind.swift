/// What a character is to the rule that splits text before byte-level merging. Letters and numbers are those of
/// Unicode 16.0, whose tables the Rust `tokenizers` use.
enum WordKind: UInt8 {
    case letter
    case number
    case space
    case other

    /// The kind of any scalar, from a table for the basic plane.
    @inline(__always)
    static func of(_ scalar: Unicode.Scalar, _ basicPlane: Span<WordKind>) -> WordKind {
        let value = Int(scalar.value)
        return value < basicPlane.count ? basicPlane[value] : computed(scalar)
    }

    static let basicPlane: [WordKind] = (UInt32(0)..<0x10000).map { value in
        Unicode.Scalar(value).map(computed) ?? .other
    }

    private static func computed(_ scalar: Unicode.Scalar) -> WordKind {
        if let age = scalar.properties.age, age.major > 16 { return .other }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return scalar.properties.isWhitespace ? .space : .other
        }
    }
}

/// Cuts text where merges must not reach across: into contractions, words, numbers and marks, each with one space
/// before it, and what is left of runs of white space. These are the alternatives of the regular expression
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` of GPT-2.
enum WordSplitter {
    /// The end of the word that begins at `start`, and the scalars in it, in valid UTF-8 that ends at `limit`.
    @inline(__always)
    static func word(
        in text: Span<UInt8>, from start: Int, to limit: Int, _ kinds: Span<WordKind>
    ) -> (end: Int, scalars: Int) {
        if text[start] == UInt8(ascii: "'") {
            let length = contraction(in: text, at: start, to: limit)
            if length > 0 { return (start + length, length) }
        }
        var position = start
        var scalars = 0
        if text[start] == 0x20 && start + 1 < limit && kind(in: text, at: start + 1, kinds).kind != .space {
            position += 1
            scalars += 1
        }
        let (kind, length) = kind(in: text, at: position, kinds)
        position += length
        scalars += 1
        var last = length
        while position < limit {
            let (next, length) = Self.kind(in: text, at: position, kinds)
            guard next == kind else { break }
            position += length
            scalars += 1
            last = length
        }
        // A run of white space leaves its last character to what follows.
        if kind == .space && position < limit && scalars > 1 { return (position - last, scalars - 1) }
        return (position, scalars)
    }

    @inline(__always)
    private static func kind(
        in text: Span<UInt8>, at position: Int, _ kinds: Span<WordKind>
    ) -> (kind: WordKind, length: Int) {
        let byte = text[position]
        if byte < 0x80 { return (kinds[Int(byte)], 1) }
        let (scalar, length) = UTF8Text.scalar(in: text, at: position)
        return (WordKind.of(scalar, kinds), length)
    }

    /// The bytes of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d`; 0 if none of them stands here.
    private static func contraction(in text: Span<UInt8>, at start: Int, to limit: Int) -> Int {
        guard start + 1 < limit else { return 0 }
        let second = start + 2 < limit ? text[start + 2] : 0
        switch (text[start + 1], second) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _): return 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return 3
        default: return 0
        }
    }
}
