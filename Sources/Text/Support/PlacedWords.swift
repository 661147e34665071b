internal import Foundation

/// A word and where it is in a text.
package struct PlacedWord: Sendable, Hashable {
    /// The word.
    package let text: String
    /// Its place in Unicode scalars; nil for words that come without a text.
    package let range: Range<Int>?

    /// A word at a place.
    package init(text: String, range: Range<Int>?) {
        self.text = text
        self.range = range
    }
}

/// The words of a text: what stands between whitespace, and marks and symbols each by themselves, as corpora of labelled
/// words cut most texts.
package func placedWords(of text: String) -> [PlacedWord] {
    let scalars = Array(text.unicodeScalars)
    let marks = CharacterSet.punctuationCharacters.union(.symbols)
    var words: [PlacedWord] = []
    var start: Int?
    func end(at place: Int) {
        guard let first = start else { return }
        var word = String.UnicodeScalarView()
        word.append(contentsOf: scalars[first..<place])
        words.append(PlacedWord(text: String(word), range: first..<place))
        start = nil
    }
    for (place, scalar) in scalars.enumerated() {
        if scalar.properties.isWhitespace {
            end(at: place)
        } else if marks.contains(scalar) {
            end(at: place)
            start = place
            end(at: place + 1)
        } else if start == nil {
            start = place
        }
    }
    end(at: scalars.count)
    return words
}
