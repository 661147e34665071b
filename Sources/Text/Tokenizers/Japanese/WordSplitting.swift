/// Cuts text into words, for languages that write none apart. Any number of threads may use one at once.
package protocol WordSplitting: Sendable {
    /// The words of a text in order, as ranges of its UTF-8 bytes that do not overlap; what stands between them, such
    /// as white space, is left out.
    func words(of text: String) throws(TextError) -> [Range<Int>]
}

/// Takes text as already split into words by white space.
package struct WhitespaceSplitter: WordSplitting {
    /// A splitter.
    package init() {}

    package func words(of text: String) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var position = 0
        for scalar in text.unicodeScalars {
            let end = position + UTF8.width(scalar)
            if !AlbertText.isSpace(scalar) {
                if let last = words.last, last.upperBound == position {
                    words[words.count - 1] = last.lowerBound..<end
                } else {
                    words.append(position..<end)
                }
            }
            position = end
        }
        return words
    }
}
