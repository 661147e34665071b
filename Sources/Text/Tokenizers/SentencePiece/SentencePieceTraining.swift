/// How a SentencePiece vocabulary is trained; the defaults are the flags that ALBERT publishes.
package struct SentencePieceTraining: Sendable, Hashable, Codable {
    /// Number of pieces, special ones included.
    package var vocabularySize = 30_000
    /// Share of the characters of the text that the alphabet must cover, in (0, 1].
    package var characterCoverage = 0.99995
    /// At most this many sentences are used, drawn by the library's own fixed seed; 0 for all.
    package var inputSentenceSize = 10_000_000
    /// Sentences of more bytes are left out by the library.
    package var maximumSentenceBytes = 4192
    /// Pieces that never match in text.
    package var controlSymbols = ["[CLS]", "[SEP]", "[MASK]"]
    /// Pieces that always match as a whole.
    package var userDefinedSymbols = ["(", ")", "\"", "-", ".", "–", "£", "€"]
    /// Threads of the library. The scores depend on this number in the last digits (partial sums are added per
    /// thread), so it is a constant of the recipe, not of the machine.
    package var threads = 4

    /// ALBERT's flags.
    package init() {}

    /// Throws `invalidParameter` naming the first value out of range.
    package func validate() throws(TextError) {
        let symbols = controlSymbols + userDefinedSymbols
        let meta = SentencePieceTrainer.fixedPieces + symbols
        guard vocabularySize > meta.count else {
            throw TextError(
                .invalidParameter, "vocabulary size \(vocabularySize) must exceed the \(meta.count) special pieces")
        }
        guard characterCoverage > 0 && characterCoverage <= 1 else {
            throw TextError(.invalidParameter, "character coverage \(characterCoverage) must be in (0, 1]")
        }
        guard inputSentenceSize >= 0, maximumSentenceBytes > 0, (1...128).contains(threads) else {
            throw TextError(
                .invalidParameter,
                "input sentence size \(inputSentenceSize) must not be negative, maximum sentence bytes "
                    + "\(maximumSentenceBytes) must be positive, threads \(threads) must be in 1...128")
        }
        if let empty = symbols.first(where: { $0.isEmpty || $0.contains("\n") }) {
            throw TextError(.invalidParameter, "\"\(empty)\" cannot be a symbol")
        }
        guard Set(meta).count == meta.count else {
            throw TextError(.invalidParameter, "symbols are listed twice among \(meta.joined(separator: " "))")
        }
    }

    /// Reads a list of symbols as people write it: split at plain commas, except that a field in complete CSV quotes
    /// (`""""`, `"a,b"`) is unquoted. A lone `"` is the symbol `"`.
    package static func symbols(fromList list: String) -> [String] {
        var symbols: [String] = []
        var rest = Substring(list)
        while !rest.isEmpty {
            if let (symbol, end) = quotedField(rest) {
                symbols.append(symbol)
                rest = rest[end...].dropFirst()
            } else {
                let field = rest.prefix { $0 != "," }
                symbols.append(String(field))
                rest = rest[field.endIndex...].dropFirst()
            }
        }
        return symbols
    }

    /// A field in complete quotes at the start of `text`, and where it ends (a comma or the end of the text).
    private static func quotedField(_ text: Substring) -> (String, Substring.Index)? {
        guard text.first == "\"" else { return nil }
        var content = ""
        var index = text.index(after: text.startIndex)
        while index < text.endIndex {
            let next = text.index(after: index)
            if text[index] != "\"" {
                content.append(text[index])
                index = next
            } else if next < text.endIndex && text[next] == "\"" {
                content.append("\"")
                index = text.index(after: next)
            } else {
                guard !content.isEmpty, next == text.endIndex || text[next] == "," else { return nil }
                return (content, next)
            }
        }
        return nil
    }
}
