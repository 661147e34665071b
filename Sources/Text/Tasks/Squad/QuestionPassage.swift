/// A passage cut into tokens, shared by all windows and questions over it.
package final class QuestionPassage: Sendable {
    /// The text; all places count these.
    package let scalars: [Unicode.Scalar]
    /// The tokens.
    package let ids: [Int32]
    /// Where each token starts in the text.
    package let starts: [Int]
    /// Where each token ends, exclusively. A token that stands for nothing in the text may end before it starts.
    package let ends: [Int]
    /// The words between blanks; none if the tokens were not made word by word.
    package let words: [Range<Int>]
    /// The word that each token is of.
    package let wordOfToken: [Int]
    /// For each word the number of tokens before it.
    let firstTokenOfWord: [Int]

    init(
        scalars: [Unicode.Scalar], ids: [Int32], starts: [Int], ends: [Int], words: [Range<Int>] = [],
        wordOfToken: [Int] = [], firstTokenOfWord: [Int] = []
    ) {
        self.scalars = scalars
        self.ids = ids
        self.starts = starts
        self.ends = ends
        self.words = words
        self.wordOfToken = wordOfToken
        self.firstTokenOfWord = firstTokenOfWord
    }

    /// The place in the text of some tokens, without white space at its ends; nil if they stand for nothing.
    ///
    /// - Precondition: `tokens` is not empty and within `ids`.
    package func range(ofTokens tokens: ClosedRange<Int>) -> Range<Int>? {
        var (start, end) = (starts[tokens.lowerBound], ends[tokens.upperBound])
        while start < end, AlbertText.isSpace(scalars[start]) { start += 1 }
        while start < end, AlbertText.isSpace(scalars[end - 1]) { end -= 1 }
        return start < end ? start..<end : nil
    }

    /// The text at a place.
    package func text(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(scalars[range]))
    }
}

// MARK: - Word by word

extension QuestionPassage {
    /// Cuts a passage as BERT's program for SQuAD does: into words at blanks, then each word alone into tokens.
    package convenience init(_ text: String, tokenizer: any Tokenizer) throws(TextError) {
        let scalars = Array(text.unicodeScalars)
        let words = Self.words(scalars)
        var ids: [Int32] = []
        var starts: [Int] = []
        var ends: [Int] = []
        var wordOfToken: [Int] = []
        var firstTokenOfWord: [Int] = []
        // Byte-level tokens of words inside a text carry the blank before them.
        let prefix = tokenizer.template == .roberta ? " " : ""
        for (index, word) in words.enumerated() {
            firstTokenOfWord.append(ids.count)
            let piece = prefix + String(String.UnicodeScalarView(scalars[word]))
            for token in try tokenizer.tokenize(piece) {
                ids.append(token.id)
                starts.append(word.clamp(word.lowerBound + token.range.lowerBound - prefix.count))
                ends.append(word.clamp(word.lowerBound + token.range.upperBound - prefix.count))
                wordOfToken.append(index)
            }
        }
        self.init(
            scalars: scalars, ids: ids, starts: starts, ends: ends, words: words, wordOfToken: wordOfToken,
            firstTokenOfWord: firstTokenOfWord)
    }

    /// The words between blanks: space, TAB, CR, LF and U+202F; other white space stays inside words.
    private static func words(_ scalars: [Unicode.Scalar]) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case " ", "\t", "\r", "\n", "\u{202F}":
                if let first = start { words.append(first..<index) }
                start = nil
            default: start = start ?? index
            }
        }
        if let first = start { words.append(first..<scalars.count) }
        return words
    }

    /// The word that holds a place of the text, or the one before it if a blank stands there; nil before all words.
    private func word(at place: Int) -> Int? {
        var (low, high) = (0, words.count)
        while low < high {
            let middle = (low + high) / 2
            if words[middle].lowerBound <= place { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }

    /// The tokens of an answer; nil if the words at its place do not hold its text, or have no tokens.
    ///
    /// The words' tokens are narrowed to the first run that spells the answer alone, such as `1895` in `(1895-1943).`.
    func tokens(of answer: QuestionExample.Answer, tokenizer: any Tokenizer) throws(TextError) -> ClosedRange<Int>? {
        let wanted = Array(AlbertText.singleSpaces.preprocess(answer.text).unicodeScalars)
        let end = min(answer.start + answer.text.unicodeScalars.count, scalars.count) - 1
        guard !wanted.isEmpty, let first = word(at: answer.start), let last = word(at: end), first <= last else {
            return nil
        }
        guard joined(first...last).text.firstOccurrence(of: wanted) != nil else { return nil }
        let start = firstTokenOfWord[first]
        let stop = last + 1 < words.count ? firstTokenOfWord[last + 1] : ids.count
        guard start < stop else { return nil }
        let spelled = try tokenizer.tokenize(answer.text).map(\.id)
        if !spelled.isEmpty, spelled.count <= stop - start {
            for candidate in start...(stop - spelled.count)
            where ids[candidate..<candidate + spelled.count].elementsEqual(spelled) {
                return candidate...(candidate + spelled.count - 1)
            }
        }
        return start...(stop - 1)
    }

    /// Some words with single spaces between them, and for each character of that its place in the passage.
    func joined(_ range: ClosedRange<Int>) -> (text: [Unicode.Scalar], places: [Int]) {
        var text: [Unicode.Scalar] = []
        var places: [Int] = []
        for word in words[range] {
            if !text.isEmpty {
                text.append(" ")
                places.append((places.last ?? 0) + 1)
            }
            text.append(contentsOf: scalars[word])
            places.append(contentsOf: word)
        }
        return (text, places)
    }
}

extension AlbertText {
    /// Python's `" ".join(text.split())`.
    static let singleSpaces = AlbertText(keepsAccents: true, lowercases: false)
}

extension Range<Int> {
    /// The place of this range, its end included, that is nearest to `place`.
    fileprivate func clamp(_ place: Int) -> Int { Swift.min(Swift.max(place, lowerBound), upperBound) }
}

extension [Unicode.Scalar] {
    /// Where `text` starts for the first time; nil if it does not occur or is empty.
    func firstOccurrence(of text: [Unicode.Scalar]) -> Int? {
        guard let first = text.first, text.count <= count else { return nil }
        return (0...(count - text.count)).first { start in
            self[start] == first && self[start..<start + text.count].elementsEqual(text)
        }
    }
}
