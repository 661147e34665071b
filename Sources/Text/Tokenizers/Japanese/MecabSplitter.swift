/// MeCab's words. The library is opened when a splitter is made, so that nothing else needs it: Debian has it as
/// `libmecab2`, and its dictionary IPAdic as `mecab-ipadic-utf8`.
package final class MecabSplitter: WordSplitting {
    private let library: MecabLibrary

    /// A splitter over the dictionary in a directory; without one over Debian's IPAdic, or else the system's own.
    ///
    /// - Throws: `command`, naming the packages, if the library or the dictionary is missing.
    package init(dictionary: String? = nil, library name: String = "libmecab.so.2") throws(TextError) {
        let installed = "/var/lib/mecab/dic/ipadic-utf8"
        library = try MecabLibrary(
            name: name, dictionary: dictionary ?? (Folders.contains(installed) ? installed : nil))
    }

    package func words(of text: String) throws(TextError) -> [Range<Int>] {
        let bytes = Array(text.utf8)
        var words: [Range<Int>] = []
        // The library ends a sentence at a NUL.
        for sentence in bytes.indices.split(whereSeparator: { bytes[$0] == 0 }) {
            var position = sentence.startIndex
            for word in try library.words(Array(bytes[sentence.startIndex..<sentence.endIndex])) {
                // Only white space stands between words, and no word begins with any.
                while position + word.count <= sentence.endIndex, !bytes[position...].starts(with: word) {
                    position += 1
                }
                guard position + word.count <= sentence.endIndex else {
                    throw TextError(
                        .tokenizer,
                        "MeCab gave the word '\(String(decoding: word, as: UTF8.self))', which is not in its text: "
                            + "is its dictionary one in UTF-8?")
                }
                words.append(position..<position + word.count)
                position += word.count
            }
        }
        return words
    }
}
