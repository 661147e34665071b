/// How the text of an answer is made from its tokens.
package enum AnswerWording: Sendable {
    /// What the passage has at the tokens' place; also where tokens were not made word by word.
    case passage
    /// As BERT's program for SQuAD: the words that hold the tokens, without what the tokens do not spell. `basicTokens`
    /// is BERT's basic tokenizer, which splits off punctuation and, if the model was trained so, lower-cases; as in the
    /// original it knows no special tokens.
    case words(basicTokens: @Sendable (String) -> [String])

    /// The text of some tokens of a passage and its place.
    func answer(
        _ tokens: ClosedRange<Int>, of passage: QuestionPassage, tokenizer: any Tokenizer
    ) -> (text: String, range: Range<Int>?) {
        switch self {
        case .words(let basicTokens) where !passage.words.isEmpty:
            let words = passage.wordOfToken[tokens.lowerBound]...passage.wordOfToken[tokens.upperBound]
            let (text, places) = passage.joined(words)
            let spelled = WordPieces.joined(passage.ids[tokens].map { tokenizer.piece($0) })
            let part = Self.project(Array(spelled.unicodeScalars), onto: text, basicTokens)
            let range = places[part.lowerBound]..<places[part.upperBound - 1] + 1
            return (String(String.UnicodeScalarView(text[part])), range)
        default:
            let range = passage.range(ofTokens: tokens)
            return (range.map { passage.text($0) } ?? "", range)
        }
    }

    /// The part of `original` that spells `predicted`, as `steve smith` in `Steve Smith's`; all of it if that cannot be
    /// told: its basic tokens do not hold `predicted`, or have other characters than it has (accents dropped, say).
    package static func project(
        _ predicted: [Unicode.Scalar], onto original: [Unicode.Scalar], _ basicTokens: (String) -> [String]
    ) -> Range<Int> {
        let tokens = basicTokens(String(String.UnicodeScalarView(original))).joined(separator: " ")
        let tokenized = Array(tokens.unicodeScalars)
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
