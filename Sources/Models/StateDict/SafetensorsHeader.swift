import FoundationEssentials

/// Where one tensor lies in a safetensors file.
package struct SafetensorsEntry: Sendable, Hashable {
    /// Name in the state dict.
    package let name: String
    /// Type of the elements.
    package let dtype: SafetensorsDType
    /// Extents, outermost first; none for a scalar.
    package let shape: [Int]
    /// Byte range relative to the end of the header.
    package let bytes: Range<Int>

    /// Number of elements.
    package var count: Int { bytes.count / dtype.byteSize }
}

/// The table of contents of a safetensors file, checked in full before any offset is used.
struct SafetensorsHeader {
    /// In the order of their bytes.
    let entries: [SafetensorsEntry]
    let metadata: [String: String]

    /// The longest header that is read; the reference reader has the same limit.
    static let maximumLength = 100_000_000

    /// Parses header text whose tensors lie in `dataLength` bytes. Every byte must belong to exactly one tensor.
    /// Throws `malformedFile` naming `source`, tensor, expected and got.
    init(json: Data, dataLength: Int, source: String) throws(ModelsError) {
        var members = try JSONValue.parseObject(json, source: source)
        let written = Self.memberCount(json)
        guard written == members.count else {
            throw ModelsError(
                .malformedFile, source: source,
                "the header has \(written) entries of only \(members.count) different names")
        }
        var metadata: [String: String] = [:]
        if let value = members.removeValue(forKey: "__metadata__") {
            guard case .object(let pairs) = value else {
                throw ModelsError(.malformedFile, source: source, "__metadata__: expected an object, got \(value.kind)")
            }
            for (key, value) in pairs {
                guard case .string(let text) = value else {
                    throw ModelsError(
                        .malformedFile, source: source,
                        "__metadata__ key '\(key)': expected a string, got \(value.kind)")
                }
                metadata[key] = text
            }
        }
        self.metadata = metadata

        var entries: [SafetensorsEntry] = []
        for (name, value) in members {
            entries.append(try Self.entry(name, value, dataLength: dataLength, source: source))
        }
        entries.sort { ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound) }
        var end = 0
        for entry in entries {
            // A smaller start is an overlap, a larger one a hole; a repeated name loses an entry and leaves a hole too.
            guard entry.bytes.lowerBound == end else {
                throw ModelsError(
                    .malformedFile, source: source,
                    "tensor '\(entry.name)': expected data from byte \(end), got \(entry.bytes.lowerBound)")
            }
            end = entry.bytes.upperBound
        }
        guard end == dataLength else {
            throw ModelsError(
                .malformedFile, source: source, "expected \(end) bytes of tensor data, got \(dataLength)")
        }
        self.entries = entries
    }

    /// Members of the root of a well-formed JSON object, repeated names counted each time: a parser keeps one of them.
    static func memberCount(_ json: Data) -> Int {
        var (count, depth) = (0, 0)
        var (quoted, escaped) = (false, false)
        for byte in json {
            if quoted {
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    quoted = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): quoted = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ":") where depth == 1: count += 1
            default: break
            }
        }
        return count
    }

    private static func entry(
        _ name: String, _ value: JSONValue, dataLength: Int, source: String
    ) throws(ModelsError) -> SafetensorsEntry {
        func malformed(_ message: String) -> ModelsError {
            ModelsError(.malformedFile, source: source, "tensor '\(name)': \(message)")
        }
        guard case .object(let fields) = value else { throw malformed("expected an object, got \(value.kind)") }
        guard case .string(let word)? = fields["dtype"] else { throw malformed("expected a dtype, got none") }
        guard let dtype = SafetensorsDType(rawValue: word) else { throw malformed("unknown dtype '\(word)'") }
        guard let shape = sizes(fields["shape"]) else { throw malformed("expected a shape of sizes >= 0") }
        guard let offsets = sizes(fields["data_offsets"]), offsets.count == 2 else {
            throw malformed("expected two data_offsets >= 0")
        }
        guard offsets[0] <= offsets[1], offsets[1] <= dataLength else {
            throw malformed("expected data_offsets inside the file's \(dataLength) data bytes, got \(offsets)")
        }
        var length = dtype.byteSize
        for size in shape {
            let (product, overflow) = length.multipliedReportingOverflow(by: size)
            guard !overflow else { throw malformed("shape \(shape) is too large") }
            length = product
        }
        guard offsets[1] - offsets[0] == length else {
            throw malformed(
                "expected \(length) bytes for shape \(shape) of \(word), got \(offsets[1] - offsets[0])")
        }
        return SafetensorsEntry(name: name, dtype: dtype, shape: shape, bytes: offsets[0]..<offsets[1])
    }

    private static func sizes(_ value: JSONValue?) -> [Int]? {
        guard case .array(let elements)? = value else { return nil }
        var sizes: [Int] = []
        for element in elements {
            guard case .integer(let size) = element, size >= 0 else { return nil }
            sizes.append(size)
        }
        return sizes
    }
}
