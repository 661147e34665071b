/// ALBERT's treatment of commas after digits. A piece longer than one character that ends in a comma with a digit
/// before it is encoded again without `▁` and without that comma; if the piece did not start with `▁` the new first
/// piece loses it again; then a lone comma follows. So `92000,` gives `▁9 2000 ,`.
struct DigitCommaRule: Sendable {
    /// A piece of a text: its id, and the scalars of the normalized text that it takes.
    struct Cut: Sendable, Hashable {
        let id: Int32
        let length: Int
    }

    private static let underline: Unicode.Scalar = "\u{2581}"

    private let model: SentencePieceModel
    /// What takes the place of each vocabulary piece that the rule concerns.
    private let replacements: [Int32: [Cut]]
    /// Whether the comma itself is unknown to the vocabulary; then even an unknown piece may end in one.
    private let commaIsUnknown: Bool
    /// The scalars of every piece of the vocabulary.
    private let lengths: [Int]

    /// Precomputes the replacement of every piece of the vocabulary.
    init(_ model: SentencePieceModel) throws(TextError) {
        self.model = model
        commaIsUnknown = model.id(",") == model.unknownID
        let scratch = SentencePieceModel.Scratch()
        var replacements: [Int32: [Cut]] = [:]
        for id in 0..<Int32(model.vocabularySize) {
            let piece = model.piece(id)
            guard Self.concerns(piece) else { continue }
            replacements[id] = try Self.cuts(piece, model, scratch)
        }
        self.replacements = replacements
        lengths = (0..<Int32(model.vocabularySize)).map { model.piece($0).unicodeScalars.count }
    }

    /// The ids of preprocessed text.
    func ids(_ text: String, _ scratch: borrowing SentencePieceModel.Scratch) throws(TextError) -> [Int32] {
        let ids = try model.encode(text, scratch)
        if commaIsUnknown && ids.contains(model.unknownID) { return try pieces(text, scratch).map { model.id($0) } }
        guard !replacements.isEmpty, ids.contains(where: { replacements[$0] != nil }) else { return ids }
        return ids.flatMap { id in replacements[id].map { $0.map(\.id) } ?? [id] }
    }

    /// The ids of preprocessed text, with the number of scalars of the normalized text that each takes.
    func cuts(_ text: String, _ scratch: borrowing SentencePieceModel.Scratch) throws(TextError) -> [Cut] {
        let ids = try model.encode(text, scratch)
        if !ids.contains(model.unknownID) {
            if ids.allSatisfy({ replacements[$0] == nil }) { return ids.map { Cut(id: $0, length: lengths[Int($0)]) } }
            return ids.flatMap { replacements[$0] ?? [Cut(id: $0, length: lengths[Int($0)])] }
        }
        // How long unknown pieces are, only their text tells.
        var result: [Cut] = []
        for (id, piece) in try model.encodeNamedPieces(text, scratch) {
            if let replacement = replacements[id] {
                result += replacement
            } else if commaIsUnknown && id == model.unknownID && Self.concerns(piece) {
                result += try Self.cuts(piece, model, scratch)
            } else {
                result.append(Cut(id: id, length: piece.unicodeScalars.count))
            }
        }
        return result
    }

    /// What takes the place of a piece, covering as many scalars as it.
    private static func cuts(
        _ piece: String, _ model: SentencePieceModel, _ scratch: borrowing SentencePieceModel.Scratch
    ) throws(TextError) -> [Cut] {
        var left = piece.unicodeScalars.count
        let pieces = try replacement(piece, model, scratch)
        return pieces.enumerated().map { index, part in
            let length = index == pieces.count - 1 ? left : min(part.unicodeScalars.count, left)
            left -= length
            return Cut(id: model.id(part), length: length)
        }
    }

    /// The pieces of preprocessed text.
    func pieces(_ text: String, _ scratch: borrowing SentencePieceModel.Scratch) throws(TextError) -> [String] {
        var result: [String] = []
        for piece in try model.encodePieces(text, scratch) {
            if Self.concerns(piece) {
                result += try Self.replacement(piece, model, scratch)
            } else {
                result.append(piece)
            }
        }
        return result
    }

    private static func concerns(_ piece: String) -> Bool {
        let scalars = piece.unicodeScalars
        guard scalars.count > 1, scalars.last == ",", let before = scalars.dropLast().last else { return false }
        return before.properties.numericType == .decimal || before.properties.numericType == .digit
    }

    private static func replacement(
        _ piece: String, _ model: SentencePieceModel, _ scratch: borrowing SentencePieceModel.Scratch
    ) throws(TextError) -> [String] {
        let bare = String(String.UnicodeScalarView(piece.unicodeScalars.dropLast().filter { $0 != underline }))
        var pieces = try model.encodePieces(bare, scratch)
        if piece.unicodeScalars.first != underline, let first = pieces.first, first.unicodeScalars.first == underline {
            pieces[0] = String(first.unicodeScalars.dropFirst())
            if pieces[0].isEmpty { pieces.removeFirst() }
        }
        return pieces + [","]
    }
}
