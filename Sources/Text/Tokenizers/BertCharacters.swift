internal import Foundation

/// What BERT's basic tokenizer does with one character: the rules of Hugging Face's `tokenizers`, of which BERT's own are
/// a subset.
struct BertCharacters: Sendable {
    /// What a character is, once it is normalized.
    enum Kind: UInt8, Sendable {
        /// Part of a word.
        case letter
        /// Ends a word and is dropped.
        case space
        /// A word of its own.
        case single
    }

    /// Lower-case everything.
    let lowercases: Bool
    /// Decompose canonically and drop the marks.
    let stripsAccents: Bool
    /// Ideographs are words of their own.
    let splitsChinese: Bool

    /// The normalized form of each ASCII character, and what it is; 0 for what is dropped.
    private let ascii: [(byte: UInt8, kind: Kind)]

    init(lowercases: Bool, stripsAccents: Bool, splitsChinese: Bool) {
        self.lowercases = lowercases
        self.stripsAccents = stripsAccents
        self.splitsChinese = splitsChinese
        ascii = (0..<128).map { (code: UInt8) in
            let scalar = Unicode.Scalar(code)
            if Self.isControl(scalar) { return (0, .space) }
            if Self.isSpace(scalar) { return (UInt8(ascii: " "), .space) }
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(code)
            return (lowercases && isUpper ? code + 32 : code, Self.isPunctuation(scalar) ? .single : .letter)
        }
    }

    /// An ASCII character normalized, 0 if it is dropped, and what it is.
    @inline(__always)
    func normalized(ascii byte: UInt8) -> (byte: UInt8, kind: Kind) { ascii[Int(byte)] }

    /// The characters that another one becomes, and what each of them is.
    func normalize(_ scalar: Unicode.Scalar, _ body: (Unicode.Scalar, Kind) -> Void) {
        if scalar.value == 0 || scalar.value == 0xFFFD || Self.isControl(scalar) { return }
        if Self.isSpace(scalar) { return body(" ", .space) }
        let isIdeograph = splitsChinese && Self.isIdeograph(scalar)
        func emit(_ scalar: Unicode.Scalar) {
            body(scalar, isIdeograph || Self.isPunctuation(scalar) ? .single : Self.isSpace(scalar) ? .space : .letter)
        }
        func lowered(_ scalar: Unicode.Scalar) {
            guard lowercases else { return emit(scalar) }
            for lower in scalar.properties.lowercaseMapping.unicodeScalars { emit(lower) }
        }
        guard stripsAccents else { return lowered(scalar) }
        for part in String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
        where Self.category(part) != .nonspacingMark {
            lowered(part)
        }
    }

    /// The category in the Unicode version of the reference's tables: characters that came later are letters there.
    private static func category(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
        if let age = scalar.properties.age, age.major > 8 { return .otherLetter }
        // Those whose category has changed since.
        switch scalar.value {
        case 0x166D, 0x111C9: return .otherPunctuation
        case 0x1734, 0x1171E: return .nonspacingMark
        case 0x1885, 0x1886, 0xA9BD: return .otherLetter
        default: break
        }
        return scalar.properties.generalCategory
    }

    /// Categories Cc, Cf, Co and Cs, but for the three that count as spaces.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\t" || scalar == "\n" || scalar == "\r" { return false }
        switch category(scalar) {
        case .control, .format, .privateUse, .surrogate: return true
        default: return false
        }
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 128 {
            return (33...47).contains(scalar.value) || (58...64).contains(scalar.value)
                || (91...96).contains(scalar.value) || (123...126).contains(scalar.value)
        }
        switch category(scalar) {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }

    /// The blocks of CJK ideographs that BERT separates; kana and Hangul are not among them. The original programs begin
    /// the seventh at 2B820; the reference does not.
    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF,
            0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
