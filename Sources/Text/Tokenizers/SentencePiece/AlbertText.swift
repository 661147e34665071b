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
        return String(String.UnicodeScalarView(preprocess(text.unicodeScalars, from: 0).scalars))
    }

    /// The preprocessed text, and where each scalar of it comes from, when the first of `scalars` is number `start`.
    /// What replaces two quotes comes from the second.
    func preprocess(_ scalars: some Sequence<Unicode.Scalar>, from start: Int) -> NormalizedText {
        var text = NormalizedText()
        for (offset, scalar) in scalars.enumerated() { text.append(scalar, start + offset) }
        if lowercasesFirst { text = Self.lowercased(text, knowsFinalSigma: false) }
        if removesSpace { text = Self.joinedBySingleSpaces(text) }
        if replacesQuotes { text = Self.replacingQuotes(text) }
        if !keepsAccents { text = Self.droppingAccents(text) }
        if lowercases { text = Self.lowercased(text, knowsFinalSigma: true) }
        return text
    }

    /// Hugging Face's tokenizer lower-cases every character by itself before all else, so that a capital sigma never
    /// becomes a final one unless accents are dropped from a styled capital.
    private var lowercasesFirst: Bool { replacesQuotes && lowercases }

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

    private static func joinedBySingleSpaces(_ text: NormalizedText) -> NormalizedText {
        var result = NormalizedText()
        var isPending = false
        for (scalar, origin) in zip(text.scalars, text.origins) {
            if isSpace(scalar) {
                isPending = !result.scalars.isEmpty
                continue
            }
            if isPending { result.append(" ", origin) }
            isPending = false
            result.append(scalar, origin)
        }
        return result
    }

    private static func replacingQuotes(_ text: NormalizedText) -> NormalizedText {
        var result = NormalizedText()
        for (scalar, origin) in zip(text.scalars, text.origins) {
            // A replaced pair leaves a `"`, so a third mark of a run starts a new pair, as in the original.
            if scalar == "`" || scalar == "'", result.scalars.last == scalar {
                result.scalars[result.scalars.count - 1] = "\""
                result.origins[result.origins.count - 1] = origin
            } else {
                result.append(scalar, origin)
            }
        }
        return result
    }

    /// Scalar by scalar: what decomposing a whole text does beyond that is to change the order of the marks that go.
    private static func droppingAccents(_ text: NormalizedText) -> NormalizedText {
        var result = NormalizedText()
        for (scalar, origin) in zip(text.scalars, text.origins) {
            if scalar.value < 0xA0 {
                result.append(scalar, origin)
                continue
            }
            for part in String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars
            where part.properties.canonicalCombiningClass == .notReordered {
                result.append(part, origin)
            }
        }
        return result
    }

    /// Lower case by the full Unicode mapping; on request with a capital sigma at the end of a word written as final
    /// sigma (Unicode standard, SpecialCasing, Final_Sigma), which the standard library does not do.
    static func lowercased(_ text: NormalizedText, knowsFinalSigma: Bool) -> NormalizedText {
        var result = NormalizedText()
        for (index, scalar) in text.scalars.enumerated() {
            if scalar == "\u{3A3}" && knowsFinalSigma {
                let isFinal = isFinalSigma(at: index, of: text.scalars)
                result.append(isFinal ? "\u{3C2}" : "\u{3C3}", text.origins[index])
            } else if scalar.value < 0x80 {
                let isUpper = ("A"..."Z").contains(scalar)
                result.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar, text.origins[index])
            } else if scalar.properties.changesWhenLowercased {
                for part in scalar.properties.lowercaseMapping.unicodeScalars {
                    result.append(part, text.origins[index])
                }
            } else {
                result.append(scalar, text.origins[index])
            }
        }
        return result
    }

    private static func isFinalSigma(at index: Int, of scalars: [Unicode.Scalar]) -> Bool {
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased == true && after?.properties.isCased != true
    }
}

extension AlbertText {
    /// Hugging Face's steps under the names of the settings in its `tokenizer_config.json`: `do_lower_case`,
    /// `keep_accents`, `remove_space`.
    package init(doLowerCase: Bool, keepAccents: Bool, removeSpace: Bool) {
        self.init(
            removesSpace: removeSpace, replacesQuotes: true, keepsAccents: keepAccents, lowercases: doLowerCase)
    }
}
