internal import Text

/// How the official scorers of SQuAD compare answers: lower case, without punctuation and articles, token by token.
///
/// Texts are compared by Unicode scalars, as in the originals; Swift's strings take composed and decomposed characters
/// for equal.
package struct SquadText: Sendable, Hashable {
    private typealias Scalars = ArraySlice<Unicode.Scalar>

    private static let lowercase = AlbertText(removesSpace: false, keepsAccents: true)
    private static let articles: Set<Scalars> = [["a"], ["a", "n"], ["t", "h", "e"]]

    private let tokens: [ArraySlice<Unicode.Scalar>]
    /// Whether there was no text at all before it was normalized.
    package let isEmpty: Bool

    /// Normalizes an answer.
    package init(_ text: String) {
        isEmpty = text.isEmpty
        let kept = Self.lowercase.preprocess(text).unicodeScalars.filter { !Self.isPunctuation($0) }
        tokens = Self.withoutArticles(Array(kept)).split(whereSeparator: Self.isSpace)
    }

    /// The normalized text.
    package var normalized: String {
        String(String.UnicodeScalarView(tokens.joined(separator: [" "])))
    }

    /// Whether nothing is left of the text.
    package var isBlank: Bool { tokens.isEmpty }

    /// Whether both are the same after normalization.
    package func matches(_ gold: SquadText) -> Bool { tokens == gold.tokens }

    /// The harmonic mean of precision and recall of the tokens, each counted as often as it occurs. Where one side has
    /// none: what version 2.0 says, 1 if neither has, else 0; version 1.1 says 0.
    package func f1(_ gold: SquadText, version2: Bool) -> Double {
        if tokens.isEmpty || gold.tokens.isEmpty { return version2 && tokens.isEmpty && gold.tokens.isEmpty ? 1 : 0 }
        var left: [Scalars: Int] = [:]
        for token in gold.tokens { left[token, default: 0] += 1 }
        var same = 0
        for token in tokens {
            guard let count = left[token], count > 0 else { continue }
            left[token] = count - 1
            same += 1
        }
        guard same > 0 else { return 0 }
        let precision = Double(same) / Double(tokens.count)
        let recall = Double(same) / Double(gold.tokens.count)
        return 2 * precision * recall / (precision + recall)
    }

    /// A space for every `a`, `an` and `the` that stands between other characters than letters and digits. A combining
    /// mark is no letter here, so of a decomposed `à` only the mark is left.
    private static func withoutArticles(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.count)
        var start = 0
        while start < text.count {
            var end = start + 1
            if isWordCharacter(text[start]) {
                while end < text.count, isWordCharacter(text[end]) { end += 1 }
            }
            let word = text[start..<end]
            result += articles.contains(word) ? [" "] : word
            start = end
        }
        return result
    }

    /// The 32 marks of ASCII; curly quotes are none.
    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    /// What `\w` of Python's expressions matches, without the underscore, which is gone by then.
    private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 {
            return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return scalar.properties.numericType != nil
        }
    }

    /// What Python splits at.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }
}
