/// Why bytes could not be read as the value that was expected. Never a trap: any byte string ends in a value or in one of these.
package struct WireError: Error, Equatable, CustomStringConvertible {
    /// The kind of fault; its name fits a metric label.
    package enum Code: String, Sendable {
        /// Not MessagePack, or cut off in the middle of a value.
        case malformed
        /// Bytes remain behind the value.
        case trailingBytes
        /// Larger, deeper or longer than a limit allows.
        case tooLarge
        /// A value of another type than the one expected.
        case typeMismatch
        /// A number outside the range of the type that was asked for.
        case outOfRange
        /// A message with more or fewer fields than its version has.
        case fieldCount
        /// A message or frame of a version this build does not speak.
        case unsupportedVersion
        /// A checksum does not fit the bytes.
        case checksum
        /// The frame does not start with the magic number.
        case notOurs
    }

    /// The kind of fault.
    package let code: Code
    /// What happened, for people.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "wire \(code.rawValue): \(message)" }
}
