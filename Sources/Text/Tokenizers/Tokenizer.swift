/// One token of a text.
package struct Token: Sendable, Hashable {
    /// Its id in the vocabulary.
    package let id: Int32
    /// What it stands for in the original text, in Unicode scalars from its start: what other programs call offsets.
    package let range: Range<Int>

    /// A token at a place of the text.
    package init(id: Int32, range: Range<Int>) {
        self.id = id
        self.range = range
    }
}

/// How a vocabulary's special tokens wrap one text or two.
package enum EncodingTemplate: Sendable, Hashable {
    /// `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`; token types 0, and 1 from B on.
    case bert
    /// `<s> A </s>` and `<s> A </s></s> B </s>`; token types 0.
    case roberta
}

/// Cuts text into the tokens of a vocabulary. Immutable; any number of threads may use one at once.
package protocol Tokenizer: Sendable {
    /// Tokens of the vocabulary.
    var vocabularySize: Int { get }
    /// The ids of the special tokens (`<s>` is `classification`, `</s>` is `separator`).
    var specials: SpecialTokens { get }
    /// How special tokens wrap texts.
    var template: EncodingTemplate { get }

    /// How the vocabulary spells token `id`, 0 <= id < `vocabularySize`.
    func piece(_ id: Int32) -> String
    /// The id of a token as the vocabulary spells it; nil if it has none.
    func id(ofPiece piece: String) -> Int32?
    /// The tokens of a text, in order. Special tokens that are written out in it are recognised; none are added.
    func tokenize(_ text: String) throws(TextError) -> [Token]
    /// The text that ids spell; throws `tokenizer` for an id outside the vocabulary.
    func decode(_ ids: [Int32], skippingSpecials: Bool) throws(TextError) -> String
}
