import FoundationEssentials

/// A safetensors file, memory-mapped: a u64 little-endian header length, a JSON header, raw little-endian data.
///
/// The whole header is checked when the file is opened; tensors are read and converted on demand, so opening a large
/// file costs no memory. Files must be replaced by rename, never overwritten, while one is open.
package final class SafetensorsFile: StateDictSource {
    /// The file, as it was opened.
    package let path: String
    /// All tensors, in the order of their bytes.
    package let entries: [SafetensorsEntry]
    /// The strings under `__metadata__`.
    package let metadata: [String: String]

    private let file: MappedFile
    private let dataStart: Int
    private let index: [String: Int]

    /// Opens and checks `path`. Throws `fileSystem` if it cannot be read and `malformedFile` if it is not well-formed.
    package convenience init(path: String) throws(ModelsError) { try self.init(MappedFile(path: path)) }

    /// Checks `file`. Throws `malformedFile` if it is not well-formed.
    init(_ file: MappedFile) throws(ModelsError) {
        let (path, size) = (file.path, file.count)
        guard let length = file.integer(at: 0, as: UInt64.self) else {
            throw ModelsError(.malformedFile, source: path, "expected at least 8 bytes, got \(size)")
        }
        guard length <= UInt64(min(size - 8, SafetensorsHeader.maximumLength)) else {
            throw ModelsError(
                .malformedFile, source: path, "header of \(length) bytes does not fit a file of \(size) bytes")
        }
        let dataStart = 8 + Int(length)
        let json = Data(file.array(8..<dataStart))
        let header = try SafetensorsHeader(json: json, dataLength: size - dataStart, source: path)
        self.path = path
        self.entries = header.entries
        self.metadata = header.metadata
        self.file = file
        self.dataStart = dataStart
        self.index = Dictionary(uniqueKeysWithValues: header.entries.enumerated().map { ($1.name, $0) })
    }

    /// The entry called `name`, or nil.
    package func entry(_ name: String) -> SafetensorsEntry? { index[name].map { entries[$0] } }

    /// Calls `body` with the raw little-endian bytes of `name`; throws `missingTensor` if there is none.
    package func withBytes<Result>(
        of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard let bytes = entry(name)?.bytes else {
            throw ModelsError(.missingTensor, source: path, "no tensor is called '\(name)'")
        }
        return try unsafe file.withBytes(dataStart + bytes.lowerBound..<dataStart + bytes.upperBound) {
            try unsafe body($0)
        }
    }

    /// The names, in the order of the bytes.
    package var names: [String] { entries.map(\.name) }

    /// Always `safetensors`.
    package var format: StateDictFormat { .safetensors }

    /// The tensor called `name`, or nil.
    package func tensor(_ name: String) -> StoredTensor? {
        entry(name).flatMap { entry in
            StoredTensor(
                file, dataStart + entry.bytes.lowerBound..<dataStart + entry.bytes.upperBound, entry.dtype,
                shape: entry.shape)
        }
    }
}
