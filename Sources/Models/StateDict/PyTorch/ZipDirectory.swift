/// The table of contents of a zip file whose entries are stored without compression (PKWARE APPNOTE 6.3.10), with its
/// 64-bit extension.
struct ZipDirectory {
    /// One entry.
    struct Entry {
        /// The bytes of the entry in the file.
        let bytes: Range<Int>
        /// CRC-32 of them; 0 if PyTorch was told not to compute it.
        let checksum: UInt32
    }

    /// The entries by name.
    private(set) var entries: [String: Entry] = [:]

    private let file: MappedFile

    /// Reads the central directory. Throws `malformedFile` for anything but stored, unencrypted entries inside the file.
    init(_ file: MappedFile) throws(ModelsError) {
        self.file = file
        let (range, count) = try Self.directory(file)
        var cursor = ByteCursor(file, range, subject: "zip directory")
        for _ in 0..<count { try readEntry(&cursor) }
    }

    /// Where the central directory lies, and how many entries it says to have.
    private static func directory(_ file: MappedFile) throws(ModelsError) -> (range: Range<Int>, count: Int) {
        func malformed(_ message: String) -> ModelsError {
            ModelsError(.malformedFile, source: file.path, "zip archive: \(message)")
        }
        // The end record is 22 bytes and a comment of at most 65,535.
        var end = file.count - 22
        let lowest = max(0, end - 0xFFFF)
        while end >= lowest, file.integer(at: end, as: UInt32.self) != 0x0605_4B50 { end -= 1 }
        guard end >= lowest else { throw malformed("truncated: no end record") }
        var cursor = ByteCursor(file, end + 10..<file.count, subject: "zip end record")
        var count = UInt64(try cursor.integer(UInt16.self))
        var size = UInt64(try cursor.integer(UInt32.self))
        var offset = UInt64(try cursor.integer(UInt32.self))
        if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF,
            file.integer(at: end - 20, as: UInt32.self) == 0x0706_4B50,
            let place = file.integer(at: end - 12, as: UInt64.self)
        {
            guard place <= UInt64(file.count), file.integer(at: Int(place), as: UInt32.self) == 0x0606_4B50 else {
                throw malformed("no 64-bit end record at byte \(place)")
            }
            var wide = ByteCursor(file, Int(place)..<file.count, subject: "zip 64-bit end record")
            _ = try wide.skip(32)
            count = try wide.integer(UInt64.self)
            size = try wide.integer(UInt64.self)
            offset = try wide.integer(UInt64.self)
        }
        guard offset <= UInt64(end), size <= UInt64(end) - offset, count <= size / 46 else {
            throw malformed("a directory of \(count) entries, \(size) bytes at byte \(offset), does not fit the file")
        }
        return (Int(offset)..<Int(offset + size), Int(count))
    }

    private mutating func readEntry(_ cursor: inout ByteCursor) throws(ModelsError) {
        let start = cursor
        guard try cursor.integer(UInt32.self) == 0x0201_4B50 else { throw start.malformed("expected an entry") }
        _ = try cursor.skip(4)
        let flags = try cursor.integer(UInt16.self)
        let method = try cursor.integer(UInt16.self)
        _ = try cursor.skip(4)
        let checksum = try cursor.integer(UInt32.self)
        var sizes = [UInt64(try cursor.integer(UInt32.self)), UInt64(try cursor.integer(UInt32.self))]
        let nameLength = Int(try cursor.integer(UInt16.self))
        let extraLength = Int(try cursor.integer(UInt16.self))
        let commentLength = Int(try cursor.integer(UInt16.self))
        _ = try cursor.skip(8)
        var place = UInt64(try cursor.integer(UInt32.self))
        let name = try cursor.text(nameLength)
        func malformed(_ message: String) -> ModelsError { start.malformed("entry '\(name.prefix(120))': \(message)") }
        var extra = ByteCursor(file, try cursor.skip(extraLength), subject: "zip directory")
        _ = try cursor.skip(commentLength)
        while extra.remaining >= 4 {
            let tag = try extra.integer(UInt16.self)
            var field = ByteCursor(
                file, try extra.skip(Int(try extra.integer(UInt16.self))), subject: "zip directory")
            guard tag == 1 else { continue }
            // 64-bit values follow for those fields that are all ones, in this order: size, stored size, place.
            for index in [1, 0] where sizes[index] == 0xFFFF_FFFF { sizes[index] = try field.integer(UInt64.self) }
            if place == 0xFFFF_FFFF { place = try field.integer(UInt64.self) }
        }
        guard method == 0 else { throw malformed("compressed (method \(method)), expected it to be stored as it is") }
        guard flags & 1 == 0 else { throw malformed("encrypted") }
        guard sizes[0] == sizes[1] else { throw malformed("\(sizes[0]) bytes hold \(sizes[1])") }
        guard place <= UInt64(file.count), file.integer(at: Int(place), as: UInt32.self) == 0x0403_4B50,
            let localName = file.integer(at: Int(place) + 26, as: UInt16.self),
            let localExtra = file.integer(at: Int(place) + 28, as: UInt16.self)
        else { throw malformed("no local header at byte \(place)") }
        var local = ByteCursor(file, Int(place) + 30..<file.count, subject: "zip entry")
        guard try local.text(Int(localName)) == name else { throw malformed("another name at byte \(place)") }
        let first = Int(place) + 30 + Int(localName) + Int(localExtra)
        guard first <= file.count, sizes[0] <= UInt64(file.count - first) else {
            throw malformed("\(sizes[0]) bytes at byte \(first) do not fit a file of \(file.count) bytes")
        }
        let entry = Entry(bytes: first..<first + Int(sizes[0]), checksum: checksum)
        guard entries.updateValue(entry, forKey: name) == nil else { throw malformed("occurs twice") }
    }
}
