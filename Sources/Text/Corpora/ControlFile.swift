/// Reads Debian control files: stanzas separated by blank lines, each a set of `Field: value` with continuation lines
/// that start with a blank (Debian Policy §5.1). Only the wanted fields become strings.
struct ControlFile {
    /// One stanza: field name to value; continuation lines follow the first line, each after a newline and without the
    /// one blank that marks it.
    typealias Stanza = [String: String]

    private let bytes: [UInt8]
    private let wanted: [[UInt8]]
    private var position = 0
    /// Lines whose bytes were not UTF-8, among the wanted fields.
    private(set) var malformedLines = 0

    /// A reader of `bytes` that keeps the fields of `wanted`.
    init(_ bytes: [UInt8], wanted: [String]) {
        self.bytes = bytes
        self.wanted = wanted.map { Array($0.utf8) }
    }

    /// The next stanza with at least one wanted field, or nil at the end.
    mutating func next() -> Stanza? {
        var stanza: Stanza = [:]
        var current: String?
        while position < bytes.count {
            let line = nextLine()
            guard let first = line.first else {
                if stanza.isEmpty { continue }
                return stanza
            }
            if first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
                guard let field = current else { continue }
                stanza[field, default: ""] += "\n" + text(line.dropFirst())
                continue
            }
            current = nil
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = line[..<colon]
            guard let field = wanted.first(where: { $0.elementsEqual(name) }) else { continue }
            let key = String(decoding: field, as: UTF8.self)
            stanza[key] = text(line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") })
            current = key
        }
        return stanza.isEmpty ? nil : stanza
    }

    private mutating func nextLine() -> ArraySlice<UInt8> {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        defer { position = end + 1 }
        return bytes[position..<end]
    }

    private mutating func text(_ line: ArraySlice<UInt8>) -> String {
        if let text = String(validating: line, as: UTF8.self) { return text }
        malformedLines += 1
        return String(decoding: line, as: UTF8.self)
    }
}
