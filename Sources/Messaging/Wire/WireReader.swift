/// Takes the values of one message apart, in order. Every mismatch is a `WireError` that names the message.
package struct WireReader: Sendable {
    private let name: String
    private let values: [WireValue]
    private var index = 0

    /// A reader over the single value that `bytes` hold.
    package init(_ bytes: [UInt8], name: String = "message") throws(WireError) {
        self.init(name: name, values: [try WireDecoder.decode(bytes)])
    }

    private init(name: String, values: [WireValue]) {
        self.name = name
        self.values = values
    }

    /// The next value as `Value`.
    package mutating func decode<Value: WireCodable>(_ type: Value.Type = Value.self) throws(WireError) -> Value {
        try Value(from: &self)
    }

    /// Whether the next value is null; it is then consumed.
    package mutating func takeNull() -> Bool {
        guard index < values.count, values[index] == .null else { return false }
        index += 1
        return true
    }

    /// A reader over the elements of the next value, an array.
    package mutating func array(_ name: String) throws(WireError) -> WireReader {
        guard case .array(let elements) = try peekNext() else { throw mismatch("an array for \(name)") }
        index += 1
        return WireReader(name: name, values: elements)
    }

    /// Readers over the keys and over the values of the next value, a map.
    package mutating func map(_ name: String) throws(WireError) -> (keys: WireReader, values: WireReader) {
        guard case .map(let keys, let values) = try peekNext() else { throw mismatch("a map for \(name)") }
        index += 1
        return (WireReader(name: "\(name) keys", values: keys), WireReader(name: "\(name) values", values: values))
    }

    /// A reader over the fields of the next value, a message of exactly this version and number of fields.
    package mutating func message(_ name: String, version: Int, fields: Int) throws(WireError) -> WireReader {
        var inner = try array(name)
        let found = try inner.decode(Int.self)
        guard found == version else {
            throw WireError(.unsupportedVersion, "\(name) of version \(found), this build speaks \(version)")
        }
        guard inner.values.count == fields + 1 else {
            throw WireError(.fieldCount, "\(name) has \(inner.values.count - 1) fields, expected \(fields)")
        }
        return inner
    }

    /// How many values are left.
    package var remaining: Int { values.count - index }

    /// Throws when values are left: the message was longer than its reader expected.
    package func finish() throws(WireError) {
        guard remaining == 0 else { throw WireError(.fieldCount, "\(name) has \(remaining) values too many") }
    }

    /// The error for a value of another type than expected, naming the message and the field's index.
    package func mismatch(_ expected: String) -> WireError {
        let found = index < values.count ? values[index].typeName : "the end"
        return WireError(.typeMismatch, "\(name), value \(index): expected \(expected), got \(found)")
    }

    /// The next value, which stays there.
    package func peekNext() throws(WireError) -> WireValue {
        guard index < values.count else {
            throw WireError(.fieldCount, "\(name) ends after \(values.count) values")
        }
        return values[index]
    }

    /// Consumes the value that `peekNext` has shown.
    package mutating func advance() {
        index += 1
    }
}
