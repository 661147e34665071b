import CChecksum

/// The sorted string table of LevelDB in which TensorFlow keeps the index of a checkpoint: blocks of keys and values in
/// key order, an index block over them, and a footer. Without compression, as TensorFlow writes it.
struct SortedTable {
    /// Keys and where their values lie in the file, in key order.
    private(set) var entries: [(key: String, value: Range<Int>)] = []

    private static let footerLength = 48
    private static let magic: UInt64 = 0xDB47_7524_8B80_FB57

    /// Reads every entry of `file`. Throws `malformedFile`, also if a block's checksum differs.
    init(_ file: MappedFile) throws(ModelsError) {
        guard file.count >= Self.footerLength, file.integer(at: file.count - 8, as: UInt64.self) == Self.magic else {
            throw ModelsError(
                .malformedFile, source: file.path, "not the index of a TensorFlow checkpoint: no footer at its end")
        }
        var footer = ByteCursor(file, file.count - Self.footerLength..<file.count - 8, subject: "footer")
        // The first block is that of filters, of which there are none.
        _ = try Self.block(try Self.handle(&footer), of: file)
        let blocks = try Self.block(try Self.handle(&footer), of: file)
        for block in blocks {
            var cursor = ByteCursor(file, block.value, subject: "index block")
            let items = try Self.block(try Self.handle(&cursor), of: file)
            for item in items {
                guard let key = String(validating: item.key, as: UTF8.self) else {
                    throw cursor.malformed("a key that is no UTF-8 text")
                }
                if let last = entries.last?.key, !last.utf8.lexicographicallyPrecedes(key.utf8) {
                    throw cursor.malformed("'\(key)' follows '\(last)', expected ascending keys")
                }
                entries.append((key, item.value))
            }
        }
    }

    /// The next block handle: where a block lies, without its trailer.
    private static func handle(_ cursor: inout ByteCursor) throws(ModelsError) -> Range<Int> {
        let start = cursor
        let limit = cursor.file.count
        let offset = try cursor.size(upTo: limit)
        let size = try cursor.size(upTo: limit)
        guard offset + size <= limit - trailerLength else {
            throw start.malformed("a block of \(size) bytes at byte \(offset) does not fit the file")
        }
        return offset..<offset + size
    }

    /// One byte of compression, four of checksum.
    private static let trailerLength = 5

    private static func block(
        _ range: Range<Int>, of file: MappedFile
    ) throws(ModelsError) -> [(key: [UInt8], value: Range<Int>)] {
        var cursor = ByteCursor(file, range, subject: "block")
        let compression = file.integer(at: range.upperBound, as: UInt8.self)
        guard compression == 0 else {
            throw cursor.malformed("compressed (method \(compression ?? 0)), expected plain blocks")
        }
        let crc = unsafe file.withBytes(range.lowerBound..<range.upperBound + 1) { bytes in
            unsafe troupe_crc32c(0, bytes.baseAddress, bytes.count)
        }
        guard let stored = file.integer(at: range.upperBound + 1, as: UInt32.self), unmasked(stored) == crc else {
            throw cursor.malformed("damaged: its checksum differs")
        }
        // At its end a block lists the places of keys that are written in full, and their number.
        guard range.count >= 4, let restarts = file.integer(at: range.upperBound - 4, as: UInt32.self),
            Int(restarts) <= (range.count - 4) / 4
        else { throw cursor.malformed("a block of \(range.count) bytes with a wrong number of restarts") }
        cursor = ByteCursor(
            file, range.lowerBound..<range.upperBound - 4 - 4 * Int(restarts), subject: "block")
        var items: [(key: [UInt8], value: Range<Int>)] = []
        var key: [UInt8] = []
        while cursor.remaining > 0 {
            let shared = try cursor.size(upTo: key.count)
            let added = try cursor.size(upTo: longestKey - shared)
            let length = try cursor.size(upTo: cursor.end)
            key = key[..<shared] + (try cursor.bytes(added))
            items.append((key, try cursor.skip(length)))
        }
        return items
    }

    private static let longestKey = 1 << 12

    /// The checksum that TensorFlow stores rotated and shifted, so that checksums of checksums differ.
    static func unmasked(_ stored: UInt32) -> UInt32 {
        let rotated = stored &- 0xA282_EAD8
        return rotated >> 17 | rotated << 15
    }
}
