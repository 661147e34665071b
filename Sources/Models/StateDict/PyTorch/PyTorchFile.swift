/// The two forms of what `torch.save` writes for a state dict, usually called `pytorch_model.bin`.
enum PyTorchFile {
    /// State dicts of the largest models have a pickle of a few megabytes.
    private static let longestPickle = 32 << 20

    /// Whether the file begins like a zip archive.
    static func isArchive(_ file: MappedFile) -> Bool { file.integer(at: 0, as: UInt32.self) == 0x0403_4B50 }

    /// Whether the file begins like a pickle of protocol 2 and up.
    static func isPickle(_ file: MappedFile) -> Bool { file.integer(at: 0, as: UInt8.self) == 0x80 }

    /// Opens a zip archive: `ROOT/data.pkl` holds the dict, `ROOT/data/KEY` the storages. Throws `malformedFile`.
    static func archive(_ file: MappedFile) throws(ModelsError) -> StateDictTable {
        let directory = try ZipDirectory(file)
        func malformed(_ message: String) -> ModelsError { ModelsError(.malformedFile, source: file.path, message) }
        let pickles = directory.entries.filter { $0.key.hasSuffix("/data.pkl") }
        guard let (name, pickle) = pickles.first, pickles.count == 1 else {
            throw malformed("a zip archive with \(pickles.count) entries 'data.pkl', expected one")
        }
        let root = name.dropLast("data.pkl".count)
        if let order = directory.entries["\(root)byteorder"]?.bytes {
            guard order.count <= 16, file.array(order) == Array("little".utf8) else {
                throw malformed("entry '\(root)byteorder': expected 'little'")
            }
        }
        guard pickle.bytes.count <= longestPickle else {
            throw malformed("entry '\(name)': \(pickle.bytes.count) bytes, expected at most \(longestPickle)")
        }
        let checksum = unsafe file.withBytes(pickle.bytes) { unsafe CRC32.checksum($0) }
        guard pickle.checksum == 0 || pickle.checksum == checksum else {
            throw malformed("entry '\(name)' is damaged: its checksum differs")
        }
        var reader = PickleReader(ByteCursor(file, pickle.bytes, subject: name))
        let value = try reader.next()
        let tensors = try reader.tensors(of: value) { (storage) throws(ModelsError) in
            guard let entry = directory.entries["\(root)data/\(storage.key)"] else {
                throw malformed("no entry '\(root)data/\(storage.key)', which tensors refer to")
            }
            return entry.bytes
        }
        return try StateDictTable(path: file.path, format: .pytorchArchive, tensors)
    }

    /// Opens the form before PyTorch 1.6: pickles of a magic number, the version, the writer's system, the dict and the
    /// keys of its storages; then each storage as its element count and its elements. Throws `malformedFile`.
    static func legacy(_ file: MappedFile) throws(ModelsError) -> StateDictTable {
        let pickles = 0..<min(file.count, longestPickle)
        var reader = PickleReader(ByteCursor(file, pickles, subject: "pickle"))
        func malformed(_ message: String) -> ModelsError { ModelsError(.malformedFile, source: file.path, message) }
        // 0x1950a86a20f9469cfc6c
        guard case .long([0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]) = try reader.next() else {
            throw malformed("a pickle without the magic number of PyTorch")
        }
        guard case .integer(1001) = try reader.next() else { throw malformed("expected version 1001 of the format") }
        guard case .dictionary(let system) = try reader.next() else { throw malformed("no description of the writer") }
        for case (.string("little_endian"), let value) in reader.heap.dictionaries[system] {
            guard case .bool(true) = value else { throw malformed("written by a big-endian machine") }
        }
        let root = try reader.next()
        guard case .list(let list) = try reader.next() else { throw malformed("no list of storages") }
        var types: [String: (dtype: SafetensorsDType, count: Int)] = [:]
        for storage in reader.heap.storages {
            let known = types.updateValue((storage.dtype, storage.count), forKey: storage.key)
            guard known == nil || known?.dtype == storage.dtype && known?.count == storage.count else {
                throw malformed("storage '\(storage.key)' is described in two ways")
            }
        }
        var cursor = ByteCursor(file, reader.rest.position..<file.count, subject: "storages")
        var places: [String: Range<Int>] = [:]
        for value in reader.heap.lists[list] {
            guard case .string(let key) = value, let type = types[key] else {
                throw malformed("the list of storages has \(value.kind) that no tensor refers to")
            }
            let start = cursor
            let count = try cursor.integer(Int64.self)
            guard count == type.count else {
                throw start.malformed("storage '\(key)' of \(count) elements, expected \(type.count)")
            }
            let (length, overflow) = type.count.multipliedReportingOverflow(by: type.dtype.byteSize)
            guard !overflow else { throw start.malformed("storage '\(key)' of \(count) elements") }
            guard places.updateValue(try cursor.skip(length), forKey: key) == nil else {
                throw start.malformed("storage '\(key)' occurs twice")
            }
        }
        let tensors = try reader.tensors(of: root) { (storage) throws(ModelsError) in
            guard let place = places[storage.key] else { throw malformed("no storage '\(storage.key)'") }
            return place
        }
        return try StateDictTable(path: file.path, format: .pytorchLegacy, tensors)
    }
}
