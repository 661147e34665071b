package import FoundationEssentials

/// One JSON value. Integers stay integers and reals stay reals, so that a file read and written again keeps its types.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case real(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Parses a JSON text whose root is an object; throws `malformedFile` naming `source`.
    package static func parseObject(_ data: Data, source: String) throws(ModelsError) -> [String: JSONValue] {
        let value: JSONValue
        do {
            value = try JSONDecoder().decode(JSONValue.self, from: data)
        } catch {
            throw ModelsError(.malformedFile, source: source, "not valid JSON")
        }
        guard case .object(let members) = value else {
            throw ModelsError(.malformedFile, source: source, "expected a JSON object, got \(value.kind)")
        }
        return members
    }

    /// The name of the value's type, for error messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .real: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        if let members = try? [String: JSONValue](from: decoder) {
            self = .object(members)
            return
        }
        if let elements = try? [JSONValue](from: decoder) {
            self = .array(elements)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .real(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .real(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension JSONValue {
    /// JSON text with sorted keys. A real always shows a point or an exponent (`0.0`), because readers that check
    /// types refuse an integer where a real is meant. `indentation` nil gives one line without spaces.
    package func text(indentation: Int? = 2) -> String {
        var output = ""
        write(to: &output, indentation: indentation, depth: 0)
        return output
    }

    private func write(to output: inout String, indentation: Int?, depth: Int) {
        switch self {
        case .null: output += "null"
        case .bool(let value): output += value ? "true" : "false"
        case .integer(let value): output += String(value)
        case .real(let value): output += value.isFinite ? String(value) : "null"
        case .string(let value): Self.write(quoting: value, to: &output)
        case .array(let elements):
            Self.write(elements, between: ("[", "]"), to: &output, indentation, depth) { element, output in
                element.write(to: &output, indentation: indentation, depth: depth + 1)
            }
        case .object(let members):
            let sorted = members.sorted { $0.key < $1.key }
            Self.write(sorted, between: ("{", "}"), to: &output, indentation, depth) { member, output in
                Self.write(quoting: member.key, to: &output)
                output += indentation == nil ? ":" : ": "
                member.value.write(to: &output, indentation: indentation, depth: depth + 1)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], between brackets: (String, String), to output: inout String, _ indentation: Int?,
        _ depth: Int, each: (Element, inout String) -> Void
    ) {
        output += brackets.0
        for (index, element) in elements.enumerated() {
            if index > 0 { output += "," }
            if let indentation { output += "\n" + String(repeating: " ", count: indentation * (depth + 1)) }
            each(element, &output)
        }
        if let indentation, !elements.isEmpty {
            output += "\n" + String(repeating: " ", count: indentation * depth)
        }
        output += brackets.1
    }

    private static func write(quoting text: String, to output: inout String) {
        output += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\t": output += "\\t"
            case "\r": output += "\\r"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}
