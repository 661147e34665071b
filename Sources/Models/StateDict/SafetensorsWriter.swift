/// One tensor to be written: its description, and access to its bytes when their turn comes.
@safe
package struct SafetensorsItem {
    /// Name in the state dict.
    package let name: String
    /// Type of the elements.
    package let dtype: SafetensorsDType
    /// Extents, outermost first; none for a scalar.
    package let shape: [Int]
    /// Lends the raw little-endian bytes for the length of one call.
    let withBytes: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

    /// `withBytes` must lend exactly `shape`'s elements of `dtype`; nothing is copied.
    package init(
        name: String, dtype: SafetensorsDType, shape: [Int],
        withBytes: @escaping ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
        unsafe self.withBytes = unsafe withBytes
    }

    /// Number of bytes.
    var byteCount: Int { shape.reduce(dtype.byteSize, *) }
}

/// Writes safetensors files straight from the tensors' memory.
package enum SafetensorsWriter {
    /// Writes `items` to `path` atomically (temporary file, sync, rename). A failure leaves no file, or the old one.
    ///
    /// Items are laid out widest element first, then by name, so that every tensor is aligned to its element.
    /// Throws `malformedFile` for a repeated name or a wrong byte count, `fileSystem` if the disk refuses.
    package static func write(
        _ items: [SafetensorsItem], metadata: [String: String] = ["format": "pt"], to path: String
    ) throws {
        let items = items.sorted { ($1.dtype.byteSize, $0.name) < ($0.dtype.byteSize, $1.name) }
        var file = try AtomicFile(path: path)
        try file.write(header(of: items, metadata: metadata, path: path))
        for item in items {
            try unsafe item.withBytes { bytes in
                guard bytes.count == item.byteCount else {
                    throw ModelsError(
                        .malformedFile, source: path,
                        "tensor '\(item.name)': expected \(item.byteCount) bytes, got \(bytes.count)")
                }
                try unsafe file.write(bytes)
            }
        }
        try file.commit()
    }

    /// Length prefix and JSON, padded with spaces to a multiple of 8.
    private static func header(
        of items: [SafetensorsItem], metadata: [String: String], path: String
    ) throws(ModelsError) -> [UInt8] {
        var members: [String: JSONValue] = [:]
        if !metadata.isEmpty { members["__metadata__"] = .object(metadata.mapValues { .string($0) }) }
        var offset = 0
        for item in items {
            let end = offset + item.byteCount
            let previous = members.updateValue(
                .object([
                    "dtype": .string(item.dtype.rawValue),
                    "shape": .array(item.shape.map { .integer($0) }),
                    "data_offsets": .array([.integer(offset), .integer(end)]),
                ]), forKey: item.name)
            guard previous == nil else {
                throw ModelsError(.malformedFile, source: path, "tensor '\(item.name)' was given twice")
            }
            offset = end
        }
        var json = Array(JSONValue.object(members).text(indentation: nil).utf8)
        json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
        let length = UInt64(json.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json
    }
}
