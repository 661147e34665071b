/// Splits running English text into sentences by rules: a sentence ends at `.`, `!` or `?` (with closing quotes and
/// brackets) before white space, if what follows can start a sentence and what precedes is no abbreviation; and at the
/// full-width marks of Chinese and Japanese anywhere.
package struct SentenceSplitter: Sendable {
    /// Words that end in a period inside a sentence, in lower case without that period.
    private static let abbreviations: Set<String> = [
        "e.g", "i.e", "cf", "vs", "etc", "al", "approx", "ca", "resp", "incl", "esp", "dept", "est", "fig", "figs",
        "eq", "eqs", "sec", "ch", "vol", "no", "nos", "pp", "ed", "eds", "op", "mr", "mrs", "ms", "dr", "prof", "st",
        "jr", "sr", "gen", "col", "sgt", "capt", "lt", "rev", "hon", "gov", "sen", "rep", "inc", "ltd", "co", "corp",
        "bros", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "u.s", "u.k",
        "a.m", "p.m", "ph.d", "viz", "ver", "min", "max", "misc", "orig",
    ]
    private static let closers = Set<Unicode.Scalar>(["\"", "'", ")", "]", "}", "\u{201D}", "\u{2019}", "\u{BB}"])
    private static let openers = Set<Unicode.Scalar>(["\"", "'", "(", "[", "{", "\u{201C}", "\u{2018}", "\u{AB}", "`"])

    /// A splitter for English text.
    package init() {}

    /// The sentences of `text`, trimmed, none of them empty.
    package func split(_ text: String) -> [String] {
        let scalars = Array(text.unicodeScalars)
        var sentences: [String] = []
        var start = 0
        var index = 0
        while index < scalars.count {
            defer { index += 1 }
            let end: Int
            switch scalars[index] {
            case "。", "！", "？": end = index + 1
            case ".", "!", "?":
                guard let stop = sentenceEnd(scalars, at: index, start: start) else { continue }
                end = stop
            default: continue
            }
            append(scalars[start..<end], to: &sentences)
            start = end
            index = end - 1
        }
        append(scalars[start...], to: &sentences)
        return sentences
    }

    /// Where the sentence ends whose mark stands at `mark`, or nil if it goes on.
    private func sentenceEnd(_ scalars: [Unicode.Scalar], at mark: Int, start: Int) -> Int? {
        var end = mark + 1
        while end < scalars.count, Self.closers.contains(scalars[end]) { end += 1 }
        guard end < scalars.count, scalars[end].properties.isWhitespace else { return nil }
        var next = end
        while next < scalars.count, scalars[next].properties.isWhitespace { next += 1 }
        while next < scalars.count, Self.openers.contains(scalars[next]) { next += 1 }
        guard next < scalars.count else { return nil }
        let following = scalars[next].properties
        // Letters without case (Hebrew, Arabic, Thai, ...) may start a sentence as well.
        let isCaseless = following.generalCategory == .otherLetter
        guard following.isUppercase || following.numericType != nil || isCaseless else { return nil }
        if scalars[mark] == "." && end == mark + 1 && isAbbreviated(scalars, at: mark, start: start) { return nil }
        return end
    }

    /// Whether the period at `mark` belongs to the word before it: a listed abbreviation or a single capital.
    private func isAbbreviated(_ scalars: [Unicode.Scalar], at mark: Int, start: Int) -> Bool {
        var first = mark
        while first > start, !scalars[first - 1].properties.isWhitespace { first -= 1 }
        while first < mark, Self.openers.contains(scalars[first]) { first += 1 }
        let word = scalars[first..<mark]
        if word.count == 1, let letter = word.first, letter.properties.isUppercase { return true }
        guard word.count <= 6 else { return false }
        return Self.abbreviations.contains(String(String.UnicodeScalarView(word)).lowercased())
    }

    private func append(_ scalars: ArraySlice<Unicode.Scalar>, to sentences: inout [String]) {
        var range = scalars
        while let first = range.first, first.properties.isWhitespace { range.removeFirst() }
        while let last = range.last, last.properties.isWhitespace { range.removeLast() }
        guard !range.isEmpty else { return }
        sentences.append(String(String.UnicodeScalarView(range)))
    }
}
