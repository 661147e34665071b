import Foundation

/// Pickles and archives that no well-meaning program writes, byte by byte.
enum HostileFile {
    /// A pickle of `body`, which leaves one value on the stack.
    static func pickle(_ body: [UInt8]) -> [UInt8] { [0x80, 2] + body + ascii(".") }

    /// The bytes of an opcode or a name.
    static func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// BINUNICODE
    static func text(_ text: String) -> [UInt8] { ascii("X") + little(UInt32(text.utf8.count)) + ascii(text) }

    /// GLOBAL
    static func global(_ module: String, _ name: String) -> [UInt8] { ascii("c\(module)\n\(name)\n") }

    /// LONG1 of a number of 64 bits.
    static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + little(UInt64(bitPattern: Int64(value))) }

    /// A tuple of values.
    static func tuple(_ values: [UInt8]...) -> [UInt8] { ascii("(") + values.flatMap { $0 } + ascii("t") }

    /// A dict.
    static func dictionary(_ items: [(name: String, value: [UInt8])]) -> [UInt8] {
        ascii("}(") + items.flatMap { text($0.name) + $0.value } + ascii("u")
    }

    /// A view of the storage `0` of `count` elements.
    static func tensor(
        _ type: String = "FloatStorage", count: Int = 4, offset: Int = 0, shape: [Int] = [4], strides: [Int] = [1]
    ) -> [UInt8] {
        let id = tuple(text("storage"), global("torch", type), text("0"), text("cpu"), integer(count))
        return global("torch._utils", "_rebuild_tensor_v2")
            + tuple(
                id + ascii("Q"), integer(offset), ascii("(") + shape.flatMap(integer) + ascii("t"),
                ascii("(") + strides.flatMap(integer) + ascii("t"), [0x89],
                global("collections", "OrderedDict") + ascii(")R"))
            + ascii("R")
    }

    /// An entry of a zip archive; the sizes may lie.
    struct Entry {
        var name: String
        var bytes: [UInt8]
        var method: UInt16 = 0
        var flags: UInt16 = 0
        var size: UInt32?
    }

    /// A zip archive without checksums.
    static func zip(_ entries: [Entry]) -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let (name, stored) = (ascii(entry.name), UInt32(entry.bytes.count))
            let sizes = little(UInt32(0)) + little(stored) + little(entry.size ?? stored)
            let common = little(UInt16(20)) + little(entry.flags) + little(entry.method) + little(UInt32(0))
            directory += little(UInt32(0x0201_4B50)) + little(UInt16(20)) + common + sizes
            directory +=
                little(UInt16(name.count)) + [UInt8](repeating: 0, count: 12) + little(UInt32(file.count)) + name
            file +=
                little(UInt32(0x0403_4B50)) + common + sizes + little(UInt16(name.count)) + [0, 0] + name + entry.bytes
        }
        let count = little(UInt16(entries.count))
        return file + directory + little(UInt32(0x0605_4B50)) + [0, 0, 0, 0] + count + count
            + little(UInt32(directory.count)) + little(UInt32(file.count)) + [0, 0]
    }

    /// An archive whose `data.pkl` is a pickle of `body`, with a storage `0` of 16 bytes.
    static func archive(_ body: [UInt8]) -> [UInt8] {
        zip([Entry(name: "a/data.pkl", bytes: pickle(body)), Entry(name: "a/data/0", bytes: [UInt8](0..<16))])
    }

    /// The legacy form of the same; the storage is listed if the body speaks of it.
    static func legacy(_ body: [UInt8]) -> [UInt8] {
        let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
        let head = pickle(magic) + pickle(ascii("M") + little(UInt16(1001))) + pickle(ascii("}")) + pickle(body)
        guard body.firstRange(of: ascii("FloatStorage")) != nil else { return head + pickle(ascii("]")) }
        return head + pickle(ascii("](") + text("0") + ascii("e")) + little(UInt64(4)) + [UInt8](0..<16)
    }

    /// Little-endian bytes.
    static func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
        (0..<Integer.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
