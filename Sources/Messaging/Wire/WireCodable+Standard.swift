extension Bool: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.bool(self) }

    package init(from reader: inout WireReader) throws(WireError) {
        guard case .bool(let value) = try reader.peekNext() else { throw reader.mismatch("a boolean") }
        reader.advance()
        self = value
    }
}

extension Int: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.integer(Int64(self)) }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.peekNext() {
        case .negative(let value): self = Int(value)
        case .unsigned(let value):
            guard let exact = Int(exactly: value) else { throw WireError(.outOfRange, "\(value) is no Int") }
            self = exact
        default: throw reader.mismatch("an integer")
        }
        reader.advance()
    }
}

extension UInt64: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.integer(self) }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.peekNext() {
        case .negative(let value): throw WireError(.outOfRange, "\(value) is no UInt64")
        case .unsigned(let value): self = value
        default: throw reader.mismatch("an integer")
        }
        reader.advance()
    }
}

extension Double: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.double(self) }

    package init(from reader: inout WireReader) throws(WireError) {
        guard case .double(let value) = try reader.peekNext() else { throw reader.mismatch("a double") }
        reader.advance()
        self = value
    }
}

extension String: WireCodable {
    package func encode(into writer: inout WireWriter) { writer.string(self) }

    package init(from reader: inout WireReader) throws(WireError) {
        guard case .string(let value) = try reader.peekNext() else { throw reader.mismatch("a string") }
        reader.advance()
        self = value
    }
}

/// An array of values. `[UInt8]` is not one of them: it travels as `WireBytes`, one MessagePack binary.
extension Array: WireCodable where Element: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.array(count: count)
        for element in self { writer.encode(element) }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var inner = try reader.array("array")
        self = []
        reserveCapacity(inner.remaining)
        while inner.remaining > 0 { append(try inner.decode()) }
    }
}

/// Raw bytes, one MessagePack binary.
package struct WireBytes: WireCodable, Hashable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func encode(into writer: inout WireWriter) { writer.bytes(bytes) }

    package init(from reader: inout WireReader) throws(WireError) {
        guard case .bytes(let value) = try reader.peekNext() else { throw reader.mismatch("bytes") }
        reader.advance()
        bytes = value
    }
}

/// Nothing travels as null, so an optional of an optional would lose a level; do not nest them.
extension Optional: WireCodable where Wrapped: WireCodable {
    package func encode(into writer: inout WireWriter) {
        if let value = self { writer.encode(value) } else { writer.null() }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        self = reader.takeNull() ? nil : .some(try reader.decode())
    }
}

/// A map with string keys, written in the order of its keys so that equal maps have equal bytes.
extension Dictionary: WireCodable where Key == String, Value: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.map(count: count)
        for (key, value) in self.sorted(by: { $0.key < $1.key }) {
            writer.string(key)
            writer.encode(value)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var (keys, values) = try reader.map("map")
        self = Dictionary(minimumCapacity: keys.remaining)
        while keys.remaining > 0 {
            let key = try keys.decode(String.self)
            guard updateValue(try values.decode(), forKey: key) == nil else {
                throw WireError(.malformed, "key \"\(key)\" twice in a map")
            }
        }
    }
}
