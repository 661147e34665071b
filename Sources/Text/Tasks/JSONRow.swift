internal import Foundation

/// A value of a JSON text.
indirect enum JSONCell: Decodable, Hashable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case list([JSONCell])
    case object([String: JSONCell])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let boolean = try? container.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let list = try? container.decode([JSONCell].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONCell].self))
        }
    }

    /// What messages call it.
    var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .number: "a number"
        case .text(let text): "'\(text)'"
        case .list: "a list"
        case .object: "an object"
        }
    }
}

/// One line of a file of JSON objects.
struct JSONRow {
    let place: String
    private let cells: [String: JSONCell]

    /// Reads the object that a line is.
    init(_ line: ArraySlice<UInt8>, place: String) throws(TextError) {
        self.place = place
        do {
            cells = try JSONDecoder().decode([String: JSONCell].self, from: Data(line))
        } catch {
            throw TextError(.malformedDataset, "\(place): expected a JSON object on one line")
        }
    }

    subscript(key: String) -> JSONCell? { cells[key] }

    /// The text under a key.
    func text(_ key: String) throws(TextError) -> String {
        guard let cell = cells[key] else { throw missing(key) }
        guard case .text(let text) = cell else {
            throw TextError(.malformedDataset, "\(place): key '\(key)': expected a text, got \(cell.kind)")
        }
        return text
    }

    /// How a label is spelled: a text, a whole number or a boolean.
    func word(_ cell: JSONCell, _ key: String) throws(TextError) -> String {
        switch cell {
        case .text(let text): return text
        case .boolean(let value): return value ? "true" : "false"
        case .number(let value):
            if let whole = Int(exactly: value) { return String(whole) }
            return String(value)
        case .null, .list, .object:
            throw TextError(.malformedDataset, "\(place): key '\(key)': expected a label, got \(cell.kind)")
        }
    }

    /// The error for a key that is not there.
    func missing(_ key: String) -> TextError {
        TextError(
            .malformedDataset,
            "\(place): no key is called '\(key)'; the keys are \(cells.keys.sorted().joined(separator: ", "))"
                + NearestKey.hint(for: key, among: Array(cells.keys)))
    }
}
