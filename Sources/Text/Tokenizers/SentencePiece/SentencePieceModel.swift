internal import CSentencePiece

/// A loaded SentencePiece model: the library's own operations, with Swift errors. Safe to use from many threads: the
/// library only reads the model after loading.
@safe
final class SentencePieceModel: @unchecked Sendable {
    private let model: OpaquePointer
    let vocabularySize: Int
    let unknownID: Int32

    /// Parses a serialized model; `name` appears in the error `malformedModel`.
    init(bytes: [UInt8], name: String) throws(TextError) {
        var message: UnsafeMutablePointer<CChar>?
        let loaded = unsafe bytes.withUnsafeBytes { unsafe csp_model_load($0.baseAddress, $0.count, &message) }
        guard let loaded = unsafe loaded else {
            let reason = unsafe takeMessage(message)
            throw TextError(
                .malformedModel,
                "\(name) is not a SentencePiece model, or truncated or altered\(reason.isEmpty ? "" : ": \(reason)")")
        }
        unsafe model = loaded
        vocabularySize = unsafe Int(csp_model_size(loaded))
        unknownID = unsafe csp_model_unknown_id(loaded)
    }

    deinit { unsafe csp_model_free(model) }

    /// The text of piece `id`.
    func piece(_ id: Int32) -> String {
        precondition(id >= 0 && id < vocabularySize, "piece \(id) is outside 0..<\(vocabularySize)")
        var length = 0
        let text = unsafe csp_model_piece(model, id, &length)
        return unsafe string(text, length)
    }

    /// The log probability of piece `id`.
    func score(_ id: Int32) -> Float {
        precondition(id >= 0 && id < vocabularySize, "piece \(id) is outside 0..<\(vocabularySize)")
        return unsafe csp_model_score(model, id)
    }

    /// Whether piece `id` is a control symbol, which never matches in text.
    func isControl(_ id: Int32) -> Bool {
        precondition(id >= 0 && id < vocabularySize, "piece \(id) is outside 0..<\(vocabularySize)")
        return unsafe csp_model_type(model, id) == csp_piece_control
    }

    /// The id of a piece, the unknown id if there is none.
    func id(_ piece: String) -> Int32 {
        var piece = piece
        return piece.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe csp_model_id(model, $0.baseAddress, $0.count) }
        }
    }

    /// The text of ids; control symbols vanish, unknown ones become ` ⁇ `.
    func decode(_ ids: [Int32]) throws(TextError) -> String {
        if let bad = ids.first(where: { $0 < 0 || $0 >= vocabularySize }) {
            throw TextError(.tokenizer, "cannot decode id \(bad): the vocabulary has ids 0..<\(vocabularySize)")
        }
        var message: UnsafeMutablePointer<CChar>?
        var length = 0
        let text = unsafe csp_decode(model, ids, ids.count, &length, &message)
        guard let text = unsafe text else {
            throw TextError(.tokenizer, "cannot decode \(ids.count) ids: \(unsafe takeMessage(message))")
        }
        defer { unsafe csp_string_free(text) }
        return unsafe string(text, length)
    }

    /// A place for results, to be reused from call to call by one thread.
    @safe
    struct Scratch: ~Copyable {
        fileprivate let encoding: OpaquePointer

        init() {
            guard let encoding = unsafe csp_encoding_new() else { preconditionFailure("out of memory") }
            unsafe self.encoding = encoding
        }

        deinit { unsafe csp_encoding_free(encoding) }
    }

    /// The ids of the best segmentation of `text`, which is normalized by the model's own rules.
    func encode(_ text: String, _ scratch: borrowing Scratch) throws(TextError) -> [Int32] {
        try unsafe run(text, scratch, csp_encode)
        let count = unsafe csp_encoding_count(scratch.encoding)
        return unsafe Array(UnsafeBufferPointer(start: csp_encoding_ids(scratch.encoding), count: count))
    }

    /// The pieces of the best segmentation of `text`; unknown ones as they stand in the normalized text.
    func encodePieces(_ text: String, _ scratch: borrowing Scratch) throws(TextError) -> [String] {
        try encodeNamedPieces(text, scratch).map(\.piece)
    }

    /// The same, each with its id. Together the pieces are the normalized text.
    func encodeNamedPieces(
        _ text: String, _ scratch: borrowing Scratch
    ) throws(TextError) -> [(id: Int32, piece: String)] {
        try unsafe run(text, scratch, csp_encode_pieces)
        let count = unsafe csp_encoding_count(scratch.encoding)
        let ids = unsafe UnsafeBufferPointer(start: csp_encoding_ids(scratch.encoding), count: count)
        return (0..<count).map { index in
            var length = 0
            let piece = unsafe csp_encoding_piece(scratch.encoding, index, &length)
            return unsafe (ids[index], string(piece, length))
        }
    }

    private typealias Encoder = (
        OpaquePointer?, UnsafePointer<CChar>?, Int, OpaquePointer?,
        UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) -> Bool

    private func run(_ text: String, _ scratch: borrowing Scratch, _ encoder: Encoder) throws(TextError) {
        let encoding = unsafe scratch.encoding
        var message: UnsafeMutablePointer<CChar>?
        var text = text
        let encoded = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe encoder(model, characters.baseAddress, characters.count, encoding, &message)
            }
        }
        guard encoded else {
            throw TextError(
                .tokenizer, "cannot encode a text of \(text.utf8.count) bytes: \(unsafe takeMessage(message))")
        }
    }
}

/// A Swift string of `length` UTF-8 bytes that the library owns.
private func string(_ text: UnsafePointer<CChar>?, _ length: Int) -> String {
    let bytes = unsafe UnsafeRawBufferPointer(start: text, count: length)
    return unsafe String(decoding: bytes, as: UTF8.self)
}

/// The library's error message, released after copying, without the place in its source and the condition that it puts
/// in front: `./src/trainer.cc(660) [(a) == (b)] `.
func takeMessage(_ message: UnsafeMutablePointer<CChar>?) -> String {
    guard let message = unsafe message else { return "no reason given" }
    defer { unsafe csp_string_free(message) }
    let text = unsafe String(cString: message)
    let words = text.firstRange(of: "] ").map { text[$0.upperBound...] } ?? text[...]
    return String(text.hasPrefix("./src/") ? words : text[...])
}
