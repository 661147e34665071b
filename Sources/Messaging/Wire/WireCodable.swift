/// A value that travels in control messages. `decode(encode(x)) == x`, and any other bytes end in a `WireError`.
///
/// Structs write `writer.message(version:fields:)` and then their fields in order, and read them back likewise; a change
/// of fields is a new version.
package protocol WireCodable: Sendable {
    func encode(into writer: inout WireWriter)
    init(from reader: inout WireReader) throws(WireError)
}

extension WireCodable {
    /// The value alone, as bytes.
    package func encoded() -> [UInt8] {
        var writer = WireWriter()
        encode(into: &writer)
        return writer.bytes
    }

    /// The value that `bytes` hold, with nothing behind it.
    package init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = try WireReader(bytes, name: String(describing: Self.self))
        self = try Self(from: &reader)
    }
}

/// An enumeration without payloads that travels as its raw string.
package protocol WireEnum: WireCodable, RawRepresentable<String> {}

extension WireEnum {
    package func encode(into writer: inout WireWriter) {
        writer.string(rawValue)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let raw = try reader.decode(String.self)
        guard let value = Self(rawValue: raw) else {
            throw WireError(.outOfRange, "\"\(raw)\" is no \(Self.self)")
        }
        self = value
    }
}
