internal import Foundation

/// JSON files with snake-case keys in sorted order.
enum JSONFile {
    static func read<Value: Decodable>(_ path: String) throws(TextError) -> Value {
        let file = try MappedFile(path)
        let data = unsafe file.withBytes { unsafe Data($0) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(Value.self, from: data)
        } catch let error as DecodingError {
            throw TextError(.malformedDataset, "\(path): \(explain(error))")
        } catch {
            throw TextError(.malformedDataset, "\(path): \(error.localizedDescription)")
        }
    }

    static func write(_ value: some Encodable, to path: String) throws(TextError) {
        try OutputFile.create(path, Array(text(value).utf8))
    }

    /// The text that `write` writes; the same value gives the same text.
    static func text(_ value: some Encodable) throws(TextError) -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        } catch {
            throw TextError(.unwritable, "cannot write \(type(of: value)) as JSON: \(error.localizedDescription)")
        }
    }

    /// What is wrong with a JSON text, for messages.
    static func explain(_ error: DecodingError) -> String {
        let place = { (path: [any CodingKey]) in path.map { fileKey($0.stringValue) }.joined(separator: ".") }
        switch error {
        case .keyNotFound(let key, let context): return "key \(place(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            return "key \(place(context.codingPath)) is no \(type)"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            return "not valid JSON; the file is truncated or altered"
        case .dataCorrupted(let context): return "key \(place(context.codingPath)): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }

    /// A key as it stands in the file.
    private static func fileKey(_ name: String) -> String {
        name.map { $0.isUppercase ? "_\($0.lowercased())" : String($0) }.joined()
    }
}
