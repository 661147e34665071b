/// A value of a JSON file. Members keep their order and their exact spelling: vocabularies hold keys that Swift would
/// take as equal, such as `é` in one scalar and in two.
indirect enum JSONText: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([(key: String, value: JSONText)])

    /// The value's type in words.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
        case .string(let value): "\"\(value.prefix(40))\""
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The value of an object's key; nil if it is absent or null, or if this is no object. Of equal keys the last.
    subscript(key: String) -> JSONText? {
        guard case .object(let members) = self else { return nil }
        guard let value = members.last(where: { $0.key.utf8.elementsEqual(key.utf8) })?.value else { return nil }
        if case .null = value { return nil }
        return value
    }

    /// Parses a file; throws `unreadable`, or `malformedModel` naming file and line.
    static func read(_ path: String) throws(TextError) -> JSONText {
        let file = try MappedFile(path)
        let bytes = unsafe file.withBytes { unsafe Array($0) }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw TextError(.malformedModel, "\(path): not UTF-8")
        }
        var parser = JSONTextParser(bytes: bytes, path: path)
        return try parser.parseFile()
    }
}

/// Reads JSON (RFC 8259) from valid UTF-8.
private struct JSONTextParser {
    private let bytes: [UInt8]
    private let path: String
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    mutating func parseFile() throws(TextError) -> JSONText {
        let value = try parse()
        skipSpace()
        guard position == bytes.count else { throw failure("the end of the file") }
        return value
    }

    private mutating func parse() throws(TextError) -> JSONText {
        skipSpace()
        guard depth < 200 else { throw failure("less than 200 brackets inside each other") }
        depth += 1
        defer { depth -= 1 }
        switch peek {
        case UInt8(ascii: "{"): return .object(try parseMembers())
        case UInt8(ascii: "["): return .array(try parseElements())
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parse("true", as: .bool(true))
        case UInt8(ascii: "f"): return try parse("false", as: .bool(false))
        case UInt8(ascii: "n"): return try parse("null", as: .null)
        default: return try parseNumber()
        }
    }

    private mutating func parseMembers() throws(TextError) -> [(key: String, value: JSONText)] {
        var members: [(key: String, value: JSONText)] = []
        position += 1
        guard !skip("}") else { return members }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw failure("a key in quotes") }
            let key = try parseString()
            guard skip(":") else { throw failure("':' after the key \"\(key)\"") }
            members.append((key, try parse()))
        } while skip(",")
        guard skip("}") else { throw failure("',' or '}'") }
        return members
    }

    private mutating func parseElements() throws(TextError) -> [JSONText] {
        var elements: [JSONText] = []
        position += 1
        guard !skip("]") else { return elements }
        repeat { elements.append(try parse()) } while skip(",")
        guard skip("]") else { throw failure("',' or ']'") }
        return elements
    }

    private mutating func parse(_ word: String, as value: JSONText) throws(TextError) -> JSONText {
        guard bytes[position...].starts(with: word.utf8) else { throw failure("a value") }
        position += word.utf8.count
        return value
    }

    private mutating func parseNumber() throws(TextError) -> JSONText {
        let end = bytes[position...].firstIndex { !"+-.0123456789eE".utf8.contains($0) } ?? bytes.count
        guard let value = Double(String(decoding: bytes[position..<end], as: UTF8.self)), value.isFinite else {
            throw failure("a value")
        }
        position = end
        return .number(value)
    }

    private mutating func parseString() throws(TextError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): UTF8Text.append(try parseEscape(), to: &text)
            case 0..<0x20:
                position -= 1
                throw failure("an escape instead of a control character in a string")
            default: text.append(byte)
            }
        }
        throw failure("'\"' at the end of a string")
    }

    private mutating func parseEscape() throws(TextError) -> Unicode.Scalar {
        let letter = peek
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter ?? 0)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default:
            position -= 1
            throw failure("an escape sequence")
        }
        var value = try parseFourDigits()
        if (0xD800..<0xDC00).contains(value), bytes[position...].starts(with: "\\u".utf8) {
            position += 2
            let low = try parseFourDigits()
            if (0xDC00..<0xE000).contains(low) { value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00) }
        }
        guard let scalar = Unicode.Scalar(value) else { throw failure("both halves of a surrogate pair") }
        return scalar
    }

    private mutating func parseFourDigits() throws(TextError) -> UInt32 {
        let digits = bytes[position..<min(position + 4, bytes.count)]
        guard digits.count == 4, !digits.contains(UInt8(ascii: "+")), !digits.contains(UInt8(ascii: "-")),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("four hexadecimal digits after \\u") }
        position += 4
        return value
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Skips white space and then this mark, if it is there.
    private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    private func failure(_ expected: String) -> TextError {
        let line = bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1
        let got = position < bytes.count ? "" : ", got the end of the file"
        return TextError(.malformedModel, "\(path):\(line): not valid JSON: expected \(expected)\(got)")
    }
}
