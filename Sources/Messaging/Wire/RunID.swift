/// Tells the messages of one run from those of another that once used the same addresses.
package struct RunID: Hashable, WireCodable, CustomStringConvertible {
    package let value: UInt64

    /// No run yet: what a process says before it has been given a plan.
    package static let none = RunID(0)

    package init(_ value: UInt64) { self.value = value }

    /// A fresh identifier, never `none`.
    package static func random(using generator: inout some RandomNumberGenerator) -> RunID {
        RunID(UInt64.random(in: 1...UInt64.max, using: &generator))
    }

    package func encode(into writer: inout WireWriter) { writer.encode(value) }

    package init(from reader: inout WireReader) throws(WireError) { value = try reader.decode() }

    /// Sixteen hexadecimal digits.
    package var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
