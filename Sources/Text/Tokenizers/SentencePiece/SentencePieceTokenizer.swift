/// ALBERT's tokenizer: preprocessing, SentencePiece unigram segmentation, and the rule that a comma after a digit is a
/// token of its own. Immutable; any number of threads may encode at once.
package final class SentencePieceTokenizer: Tokenizer {
    /// The serialized model, as it stands in `spiece.model`.
    package let modelBytes: [UInt8]
    /// SHA-256 of the serialized model.
    package let digest: String
    /// Pieces of the vocabulary.
    package let vocabularySize: Int
    /// Ids of the special tokens.
    package let specials: SpecialTokens
    /// For every id whether the piece starts a word (`WordStart`); true for control symbols.
    package let isWordStart: [Bool]
    /// What happens to text before it is segmented.
    package let preprocessing: AlbertText

    package let template = EncodingTemplate.bert

    private let model: SentencePieceModel
    let digitComma: DigitCommaRule
    let normalizer: SentencePieceNormalizer
    let added: [Int32: AddedToken]
    let addedTokens: AddedTokenFinder

    /// Loads `spiece.model`; throws `unreadable` or `malformedModel`. The five special tokens are recognised in
    /// text; `addedTokens` may add others, and say which white space belongs to them: if they do not, that before
    /// `[MASK]` does.
    package convenience init(
        path: String, preprocessing: AlbertText = .original, addedTokens: [AddedToken] = []
    ) throws(TextError) {
        let file = try MappedFile(path)
        let bytes = unsafe file.withBytes { unsafe Array($0) }
        try self.init(modelBytes: bytes, name: path, preprocessing: preprocessing, addedTokens: addedTokens)
    }

    /// Loads a serialized model; `name` appears in errors.
    package init(
        modelBytes: [UInt8], name: String = "the model", preprocessing: AlbertText = .original,
        addedTokens: [AddedToken] = []
    ) throws(TextError) {
        let model = try SentencePieceModel(bytes: modelBytes, name: name)
        let ids = try SpecialTokens.albertPieces.map { (piece) throws(TextError) -> Int32 in
            let id = model.id(piece)
            guard model.piece(id) == piece else {
                throw TextError(.malformedModel, "\(name) has no piece \(piece), which pretraining needs")
            }
            return id
        }
        self.modelBytes = modelBytes
        self.model = model
        self.preprocessing = preprocessing
        digest = ContentDigest.of(modelBytes)
        let added = Self.added(addedTokens, ids, to: model)
        vocabularySize = max(model.vocabularySize, added.reduce(0) { max($0, Int($1.id) + 1) })
        let addedIDs = Set(added.map(\.id))
        if let gap = (model.vocabularySize..<vocabularySize).first(where: { !addedIDs.contains(Int32($0)) }) {
            throw TextError(
                .malformedModel,
                "\(name): no token has id \(gap), between the \(model.vocabularySize) pieces and an added token")
        }
        specials = SpecialTokens(
            padding: ids[0], unknown: ids[1], classification: ids[2], separator: ids[3], mask: ids[4])
        isWordStart = (0..<Int32(model.vocabularySize)).map { id in
            model.isControl(id) || WordStart.isStart(piece: model.piece(id))
        }
        digitComma = try DigitCommaRule(model)
        normalizer = SentencePieceNormalizer(model: modelBytes)
        self.added = Dictionary(added.map { ($0.id, $0) }) { first, _ in first }
        self.addedTokens = try AddedTokenFinder(added.map { ($0, Array($0.content.utf8)) })
    }

    /// The tokens to find in text: the special ones, and those that no piece of the model is. Hugging Face also lists
    /// user-defined symbols, but the model knows how to cut those.
    private static func added(_ tokens: [AddedToken], _ ids: [Int32], to model: SentencePieceModel) -> [AddedToken] {
        let given = tokens.filter { $0.isSpecial || $0.id >= model.vocabularySize }
        let specials = zip(ids, SpecialTokens.albertPieces).map { id, piece in
            AddedToken(id: id, content: piece, takesSpaceBefore: piece == "[MASK]")
        }
        return given + specials.filter { special in !given.contains { $0.id == special.id } }
    }

    /// The text of piece `id` (0 <= id < vocabularySize), with `▁` for a leading space.
    package func piece(_ id: Int32) -> String { added[id]?.content ?? model.piece(id) }

    /// The id of a piece, the unknown id if there is none.
    package func id(_ piece: String) -> Int32 { model.id(piece) }

    /// The log probability of piece `id` under the model.
    package func score(_ id: Int32) -> Float { model.score(id) }

    /// The text that ids spell; throws `tokenizer` for an id outside the vocabulary.
    package func decode(_ ids: [Int32]) throws(TextError) -> String { try model.decode(ids) }

    /// The ids of a text, preprocessed first. No special tokens are added, and none are recognised in the text.
    package func encode(_ text: String) throws(TextError) -> [Int32] {
        let scratch = SentencePieceModel.Scratch()
        return try encode(text, scratch)
    }

    /// The pieces of a text, preprocessed first; unknown ones as they stand in the normalized text.
    package func encodePieces(_ text: String) throws(TextError) -> [String] {
        let scratch = SentencePieceModel.Scratch()
        return try digitComma.pieces(preprocessing.preprocess(text), scratch)
    }

    /// The ids of many texts, spread over up to `threads` threads; the result does not depend on their number.
    package func encode(_ texts: [String], threads: Int) throws(TextError) -> [[Int32]] {
        let blockSize = 256
        let blocks = (texts.count + blockSize - 1) / blockSize
        let encoded = try OrderedParallel.map(count: blocks, threads: threads) {
            (block) throws(TextError) -> [[Int32]] in
            let scratch = SentencePieceModel.Scratch()
            var result: [[Int32]] = []
            for text in texts[block * blockSize..<min(texts.count, (block + 1) * blockSize)] {
                result.append(try self.encode(text, scratch))
            }
            return result
        }
        return encoded.flatMap { $0 }
    }

    /// The ids of every sentence of some documents, on the calling thread.
    func encode(documents: ArraySlice<TextDocument>) throws(TextError) -> [[[Int32]]] {
        let scratch = SentencePieceModel.Scratch()
        var result: [[[Int32]]] = []
        result.reserveCapacity(documents.count)
        for document in documents {
            var sentences: [[Int32]] = []
            sentences.reserveCapacity(document.sentences.count)
            for sentence in document.sentences { sentences.append(try encode(sentence, scratch)) }
            result.append(sentences)
        }
        return result
    }

    private func encode(_ text: String, _ scratch: borrowing SentencePieceModel.Scratch) throws(TextError) -> [Int32] {
        try digitComma.ids(preprocessing.preprocess(text), scratch)
    }
}
