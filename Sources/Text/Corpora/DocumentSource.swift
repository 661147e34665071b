/// One document: sentences in reading order.
package struct TextDocument: Sendable, Equatable {
    /// What decides on which side of the train/held-out split the document falls; documents of one key stay together.
    /// Nil: the text itself decides, so equal texts stay together.
    package let key: String?
    /// The sentences, none of them empty.
    package let sentences: [String]

    /// A document of these sentences.
    package init(key: String? = nil, sentences: [String]) {
        self.key = key
        self.sentences = sentences
    }

    /// A 64-bit hash of the text (FNV-1a over the sentences).
    package var textHash: UInt64 {
        var hash = StableHash()
        for sentence in sentences { hash.combine(sentence) }
        return hash.value
    }
}

/// A stream of documents. Damaged input is counted in the report, never fatal.
package protocol DocumentSource {
    /// The next document with at least one sentence, or nil at the end. Throws `unreadable` if the input disappears.
    mutating func next() throws(TextError) -> TextDocument?

    /// What was read so far.
    var report: CorpusReport { get }
}

/// Counts of what a document source read and of everything it had to repair or leave out.
package struct CorpusReport: Sendable, Hashable, Codable, CustomStringConvertible {
    /// Documents handed out.
    package var documents = 0
    /// Sentences handed out.
    package var sentences = 0
    /// Bytes of input read.
    package var bytes = 0
    /// Lines with bytes that are not UTF-8; each such byte sequence became U+FFFD.
    package var malformedLines = 0
    /// Lines over the size limit, cut into several sentences.
    package var overlongLines = 0
    /// Documents without any text, left out.
    package var emptyDocuments = 0
    /// Documents over the size limit, cut into several documents.
    package var splitDocuments = 0
    /// Documents whose text had occurred before, left out.
    package var duplicateDocuments = 0

    /// A report of nothing.
    package init() {}

    /// One line naming every count that is not zero.
    package var description: String {
        var parts = ["\(documents) documents", "\(sentences) sentences", "\(bytes) bytes"]
        let troubles = [
            (malformedLines, "lines of malformed UTF-8 repaired"), (overlongLines, "overlong lines cut"),
            (emptyDocuments, "empty documents left out"), (splitDocuments, "overlong documents cut"),
            (duplicateDocuments, "duplicate documents left out"),
        ]
        for (count, what) in troubles where count > 0 { parts.append("\(count) \(what)") }
        return parts.joined(separator: ", ")
    }
}

/// A hash of strings that is the same on every machine and in every process (FNV-1a, 64 bits, finalized).
package struct StableHash {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of nothing.
    package init() {}

    /// Adds a string and its end.
    package mutating func combine(_ string: String) {
        for byte in string.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
        state = (state ^ 0xFF) &* 0x100_0000_01B3
    }

    /// The hash, every bit mixed.
    package var value: UInt64 { SplitMix64.mix(state) }

    /// The hash of one string.
    package static func of(_ string: String) -> UInt64 {
        var hash = StableHash()
        hash.combine(string)
        return hash.value
    }
}
