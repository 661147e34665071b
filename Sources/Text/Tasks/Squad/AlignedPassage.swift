/// A passage cut by ALBERT's tokenizer as a whole, its pieces aligned with the raw text character by character.
struct AlignedPassage {
    /// The tokens with their places in the raw text.
    let passage: QuestionPassage
    private let alignment: PassageAlignment
    /// For each character of the pieces its token.
    private let tokenOfCharacter: [Int32]

    /// Cuts and aligns; nil if the pieces have too little in common with the text.
    init?(_ text: String, tokenizer: SentencePieceTokenizer) throws(TextError) {
        let scalars = Array(text.unicodeScalars)
        let pieces = try tokenizer.encodePieces(text)
        var characters: [Unicode.Scalar] = []
        var tokenOfCharacter: [Int32] = []
        var spans: [Range<Int>] = []
        for (index, piece) in pieces.enumerated() {
            let start = characters.count
            characters.append(contentsOf: piece.unicodeScalars.lazy.map { $0 == "\u{2581}" ? " " : $0 })
            tokenOfCharacter += Array(repeating: Int32(index), count: characters.count - start)
            spans.append(start..<characters.count)
        }
        guard
            let alignment = PassageAlignment(
                passage: Self.preprocessed(scalars, tokenizer.preprocessing), pieces: characters)
        else { return nil }
        self.alignment = alignment
        self.tokenOfCharacter = tokenOfCharacter
        passage = QuestionPassage(
            scalars: scalars, ids: pieces.map { tokenizer.id($0) },
            starts: spans.map { alignment.place($0.lowerBound, isStart: true) },
            ends: spans.map { alignment.place(max($0.upperBound - 1, $0.lowerBound), isStart: false) + 1 })
    }

    /// Each character preprocessed alone; nil where not exactly one comes out, which then matches nothing.
    private static func preprocessed(_ scalars: [Unicode.Scalar], _ preprocessing: AlbertText) -> [Unicode.Scalar?] {
        var alone = preprocessing
        alone.removesSpace = false
        var known: [Unicode.Scalar: Unicode.Scalar?] = [:]
        return scalars.map { scalar in
            if let result = known[scalar] { return result }
            let text = alone.preprocess(String(scalar)).unicodeScalars
            let result = text.count == 1 ? text.first : nil
            known[scalar] = .some(result)
            return result
        }
    }

    /// The tokens of an answer; nil if they would end before they start.
    func tokens(of answer: QuestionExample.Answer) -> ClosedRange<Int>? {
        let count = passage.scalars.count
        let length = answer.text.unicodeScalars.count
        guard length > 0, answer.start < count else { return nil }
        let end = min(answer.start + length, count) - 1
        let first = tokenOfCharacter[alignment.pieceCharacter(answer.start, isStart: true)]
        let last = tokenOfCharacter[alignment.pieceCharacter(end, isStart: false)]
        return first <= last ? Int(first)...Int(last) : nil
    }
}
