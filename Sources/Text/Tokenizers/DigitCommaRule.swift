/// ALBERT's treatment of commas after digits. A piece longer than one character that ends in a comma with a digit
/// before it is encoded again without `▁` and without that comma; if the piece did not start with `▁` the new first
/// piece loses it again; then a lone comma follows. So `92000,` gives `▁9 2000 ,`.
struct DigitCommaRule: Sendable {
    private static let underline: Unicode.Scalar = "\u{2581}"

    private let model: SentencePieceModel
    /// What takes the place of each vocabulary piece that the rule concerns.
    private let replacements: [Int32: [Int32]]
    /// Whether the comma itself is unknown to the vocabulary; then even an unknown piece may end in one.
    private let commaIsUnknown: Bool

    /// Precomputes the replacement of every piece of the vocabulary.
    init(_ model: SentencePieceModel) throws(TextError) {
        self.model = model
        commaIsUnknown = model.id(",") == model.unknownID
        let scratch = SentencePieceModel.Scratch()
        var replacements: [Int32: [Int32]] = [:]
        for id in 0..<Int32(model.vocabularySize) {
            let piece = model.piece(id)
            guard Self.concerns(piece) else { continue }
            replacements[id] = try Self.replacement(piece, model, scratch).map { model.id($0) }
        }
        self.replacements = replacements
    }

    /// The ids of preprocessed text.
    func ids(_ text: String, _ scratch: borrowing SentencePieceModel.Scratch) throws(TextError) -> [Int32] {
        let ids = try model.encode(text, scratch)
        if commaIsUnknown && ids.contains(model.unknownID) { return try pieces(text, scratch).map { model.id($0) } }
        guard !replacements.isEmpty, ids.contains(where: { replacements[$0] != nil }) else { return ids }
        return ids.flatMap { replacements[$0] ?? [$0] }
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
