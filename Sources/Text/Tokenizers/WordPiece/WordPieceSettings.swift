/// What a WordPiece tokenizer does to text before it looks words up, and how its vocabulary spells.
package struct WordPieceSettings: Sendable, Hashable {
    /// Lower-case everything.
    package var lowercases: Bool
    /// Decompose and drop non-spacing marks; nil does so exactly when `lowercases` holds.
    package var stripsAccents: Bool?
    /// Make every Chinese character a word of its own.
    package var splitsChinese: Bool
    /// Take the text as already split into words by white space, and change nothing in them. The three settings above
    /// then have no effect. Other programs call this `do_basic_tokenize` false.
    package var isSplitByWhitespace: Bool
    /// Words of more Unicode scalars are unknown: 100 in Hugging Face's programs, 200 in the original one.
    package var wordLimit: Int
    /// What the vocabulary writes before pieces that continue a word.
    package var continuationPrefix: String
    /// How the vocabulary spells the five special tokens.
    package var names: SpecialTokenNames

    /// Those of the uncased English models unless told otherwise.
    package init(
        lowercases: Bool = true, stripsAccents: Bool? = nil, splitsChinese: Bool = true,
        isSplitByWhitespace: Bool = false, wordLimit: Int = 100, continuationPrefix: String = "##",
        names: SpecialTokenNames = .bert
    ) {
        self.lowercases = lowercases
        self.stripsAccents = stripsAccents
        self.splitsChinese = splitsChinese
        self.isSplitByWhitespace = isSplitByWhitespace
        self.wordLimit = wordLimit
        self.continuationPrefix = continuationPrefix
        self.names = names
    }

    /// Whether accents go.
    var dropsMarks: Bool { stripsAccents ?? lowercases }
}

/// How a vocabulary spells the special tokens.
package struct SpecialTokenNames: Sendable, Hashable {
    /// `[PAD]`
    package var padding: String
    /// `[UNK]`
    package var unknown: String
    /// `[CLS]`
    package var classification: String
    /// `[SEP]`
    package var separator: String
    /// `[MASK]`
    package var mask: String

    /// These names.
    package init(padding: String, unknown: String, classification: String, separator: String, mask: String) {
        self.padding = padding
        self.unknown = unknown
        self.classification = classification
        self.separator = separator
        self.mask = mask
    }

    /// BERT's.
    package static let bert = SpecialTokenNames(
        padding: "[PAD]", unknown: "[UNK]", classification: "[CLS]", separator: "[SEP]", mask: "[MASK]")

    /// In the order of the fields.
    var all: [String] { [padding, unknown, classification, separator, mask] }
}
