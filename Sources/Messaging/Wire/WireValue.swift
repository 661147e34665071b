/// One MessagePack value as plain Swift data: what a decoder hands to `WireReader`.
package enum WireValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// Integers below zero; the others are `unsigned`.
    case negative(Int64)
    case unsigned(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case array([WireValue])
    case map([WireValue], [WireValue])

    /// The type's name in error messages.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .negative, .unsigned: "an integer"
        case .double: "a double"
        case .string: "a string"
        case .bytes: "bytes"
        case .array(let elements): "an array of \(elements.count)"
        case .map(let keys, _): "a map of \(keys.count)"
        }
    }
}
