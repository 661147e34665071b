/// A sentence of words as a model that labels words reads it.
package struct WordEncoding: Sendable, Hashable {
    /// The tokens, special ones included.
    package var ids: [Int32] = []
    /// The token that begins each word that is in here.
    package var firstTokens: [Int] = []
    /// Which words are in here, counted in the sentence: those with a token, as far as there was room.
    package var words: [Int] = []
}

extension Tokenizer {
    /// Words, each cut into tokens by itself, with the special tokens of a single text (Devlin et al. 2019, §5.3). What does
    /// not fit into `maximumLength` is cut from the end.
    ///
    /// - Throws: what `tokenize` throws.
    package func encode(words: [String], maximumLength: Int = .max) throws(TextError) -> WordEncoding {
        var encoding = WordEncoding(ids: [specials.classification])
        for (index, word) in words.enumerated() {
            let pieces = try tokenize(word).map(\.id)
            guard !pieces.isEmpty else { continue }
            let room = maximumLength - 1 - encoding.ids.count
            if room <= 0 { break }
            encoding.firstTokens.append(encoding.ids.count)
            encoding.words.append(index)
            encoding.ids += pieces.prefix(room)
        }
        encoding.ids.append(specials.separator)
        return encoding
    }
}
