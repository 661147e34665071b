internal import Foundation

/// How the text of an answer is made from its tokens.
package enum AnswerWording: Sendable {
    /// What the passage has at the tokens' place; also where tokens were not made word by word.
    case passage
    /// As BERT's program for SQuAD: the words that hold the tokens, without what the tokens do not spell. The settings
    /// are those with which the tokenizer treats text.
    case words(WordPieceSettings)

    /// The text of some tokens of a passage and its place.
    func answer(
        _ tokens: ClosedRange<Int>, of passage: QuestionPassage, tokenizer: any Tokenizer
    ) -> (text: String, range: Range<Int>?) {
        switch self {
        case .words(let settings) where !passage.words.isEmpty:
            let words = passage.wordOfToken[tokens.lowerBound]...passage.wordOfToken[tokens.upperBound]
            let (text, places) = passage.joined(words)
            let spelled = WordPieces.joined(passage.ids[tokens].map { tokenizer.piece($0) })
            let part = Self.project(Array(spelled.unicodeScalars), onto: text, settings)
            let range = places[part.lowerBound]..<places[part.upperBound - 1] + 1
            return (String(String.UnicodeScalarView(text[part])), range)
        default:
            let range = passage.range(ofTokens: tokens)
            return (range.map { passage.text($0) } ?? "", range)
        }
    }

    /// The words that a tokenizer of BERT looks up, with single spaces between them; special tokens are no exception.
    private static func basicTokens(_ text: String, _ settings: WordPieceSettings) -> [Unicode.Scalar] {
        // The original composes first, which lower-casing undoes.
        let text = settings.dropsMarks ? text : text.precomposedStringWithCanonicalMapping
        var normalized = NormalizedText()
        let span = text.utf8.span
        _ = BertNormalization(settings: settings).normalize(span, in: 0..<span.count, firstScalar: 0, into: &normalized)
        var result: [Unicode.Scalar] = []
        var isAfterGap = false
        for scalar in normalized.scalars {
            let kind = BertScalar.of(scalar)
            if kind.contains(.space) || AlbertText.isSpace(scalar) {
                isAfterGap = true
                continue
            }
            if (isAfterGap || kind.contains(.punctuation)) && !result.isEmpty { result.append(" ") }
            result.append(scalar)
            isAfterGap = kind.contains(.punctuation)
        }
        return result
    }

    /// The part of `original` that spells `predicted`, as `steve smith` in `Steve Smith's`; all of it if that cannot be
    /// told: its basic tokens do not hold `predicted`, or have other characters than it has (accents dropped, say).
    package static func project(
        _ predicted: [Unicode.Scalar], onto original: [Unicode.Scalar], _ settings: WordPieceSettings
    ) -> Range<Int> {
        let tokenized = basicTokens(String(String.UnicodeScalarView(original)), settings)
        guard let start = tokenized.firstOccurrence(of: predicted) else { return original.indices }
        let end = start + predicted.count - 1
        let originalMarks = original.indices.filter { original[$0] != " " }
        let tokenizedMarks = tokenized.indices.filter { tokenized[$0] != " " }
        guard originalMarks.count == tokenizedMarks.count, let first = tokenizedMarks.firstIndex(of: start),
            let last = tokenizedMarks.firstIndex(of: end)
        else { return original.indices }
        return originalMarks[first]..<originalMarks[last] + 1
    }
}

/// Pieces of words as text.
package enum WordPieces {
    /// Pieces with spaces between them, without the `##` of those that continue a word.
    package static func joined(_ pieces: [String]) -> String {
        // Character by character, `replacing` would not see a `#` that a combining mark follows.
        var scalars: [Unicode.Scalar] = []
        for piece in pieces {
            let piece = Array(piece.unicodeScalars)
            if scalars.isEmpty {
                scalars = piece
            } else if piece.starts(with: ["#", "#"]) {
                scalars += piece.dropFirst(2)
            } else {
                scalars += [" "] + piece
            }
        }
        return AlbertText.singleSpaces.preprocess(String(String.UnicodeScalarView(scalars)))
    }
}
