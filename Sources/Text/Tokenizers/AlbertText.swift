internal import Foundation

/// ALBERT's text preprocessing, applied before SentencePiece both for pretraining data and in every task reader:
/// single spaces, optionally LaTeX quotes to `"`, accents dropped, lower case; in this order.
package struct AlbertText: Sendable, Hashable, Codable {
    /// Split on whitespace and rejoin with single spaces.
    package var removesSpace: Bool
    /// Replace two backticks and two apostrophes by `"`. Hugging Face's tokenizer does, the original code does not.
    package var replacesQuotes: Bool
    /// Keep accents; otherwise compatibility-decompose and drop characters of non-zero combining class.
    package var keepsAccents: Bool
    /// Lower-case everything.
    package var lowercases: Bool

    /// The original's steps unless told otherwise.
    package init(
        removesSpace: Bool = true, replacesQuotes: Bool = false, keepsAccents: Bool = false, lowercases: Bool = true
    ) {
        self.removesSpace = removesSpace
        self.replacesQuotes = replacesQuotes
        self.keepsAccents = keepsAccents
        self.lowercases = lowercases
    }

    /// What the original pretraining code does for the uncased English models.
    package static let original = AlbertText()
    /// What Hugging Face's `AlbertTokenizer` does.
    package static let huggingFace = AlbertText(replacesQuotes: true)
    /// Leaves the text as it is.
    package static let verbatim = AlbertText(removesSpace: false, keepsAccents: true, lowercases: false)

    /// The preprocessed text.
    package func preprocess(_ text: String) -> String {
        if let ascii = preprocessASCII(text) { return ascii }
        var scalars = Array(text.unicodeScalars)
        if removesSpace { scalars = Self.joinedBySingleSpaces(scalars) }
        if replacesQuotes { scalars = Self.replacingQuotes(scalars) }
        if !keepsAccents { scalars = Self.droppingAccents(scalars) }
        var result = String(String.UnicodeScalarView(scalars))
        if lowercases { result = Self.lowercased(result) }
        return result
    }

    /// The same for text of ASCII characters alone, where accents cannot occur; nil for other text.
    private func preprocessASCII(_ text: String) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var pendingSpace = false
        for byte in text.utf8 {
            guard byte < 0x80 else { return nil }
            if removesSpace && Self.isSpace(Unicode.Scalar(byte)) {
                pendingSpace = !bytes.isEmpty
                continue
            }
            if pendingSpace {
                bytes.append(UInt8(ascii: " "))
                pendingSpace = false
            }
            if replacesQuotes, byte == UInt8(ascii: "`") || byte == UInt8(ascii: "'"), bytes.last == byte {
                bytes[bytes.count - 1] = UInt8(ascii: "\"")
                continue
            }
            let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            bytes.append(lowercases && isUpper ? byte + 32 : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whitespace as Python's `str.split` sees it: the Unicode property and the four separators U+001C to U+001F.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return (0x09...0x0D).contains(scalar.value) || (0x1C...0x20).contains(scalar.value) }
        return scalar.properties.isWhitespace
    }

    private static func joinedBySingleSpaces(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count)
        for word in scalars.split(whereSeparator: isSpace) {
            if !result.isEmpty { result.append(" ") }
            result.append(contentsOf: word)
        }
        return result
    }

    private static func replacingQuotes(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count)
        for scalar in scalars {
            // A replaced pair leaves a `"`, so a third mark of a run starts a new pair, as in the original.
            if scalar == "`" || scalar == "'", result.last == scalar {
                result[result.count - 1] = "\""
            } else {
                result.append(scalar)
            }
        }
        return result
    }

    private static func droppingAccents(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        let text = String(String.UnicodeScalarView(scalars))
        return text.decomposedStringWithCompatibilityMapping.unicodeScalars.filter {
            $0.properties.canonicalCombiningClass == .notReordered
        }
    }

    /// Lower case by the full Unicode mapping, with a capital sigma at the end of a word written as final sigma
    /// (Unicode standard, SpecialCasing, Final_Sigma), which the standard library does not do.
    private static func lowercased(_ text: String) -> String {
        guard text.unicodeScalars.contains("\u{3A3}") else { return text.lowercased() }
        let scalars = Array(text.unicodeScalars)
        var result = ""
        for (index, scalar) in scalars.enumerated() {
            guard scalar == "\u{3A3}" else {
                result += scalar.properties.lowercaseMapping
                continue
            }
            let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
            let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
            let isFinal = before?.properties.isCased == true && after?.properties.isCased != true
            result.unicodeScalars.append(isFinal ? "\u{3C2}" : "\u{3C3}")
        }
        return result
    }
}
