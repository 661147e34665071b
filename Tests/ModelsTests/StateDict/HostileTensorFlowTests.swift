import Foundation
import Models
import Testing

struct HostileTensorFlowTests {
    /// Opens a copy of the BERT fixture after `edit` of the index and of the data, and reads every tensor. Throws the
    /// first error.
    private func read(_ edit: (inout [UInt8], inout [UInt8]) throws -> Void) throws -> Int {
        var index = try CheckpointFixtures.bytes("bert-tensorflow/model.ckpt.index")
        var data = try CheckpointFixtures.bytes("bert-tensorflow/model.ckpt.data-00000-of-00001")
        try edit(&index, &data)
        return try withTemporaryDirectory { directory in
            try Data(index).write(to: URL(filePath: "\(directory)/m.index"))
            try Data(data).write(to: URL(filePath: "\(directory)/m.data-00000-of-00001"))
            let source = try StateDictFiles.open("\(directory)/m")
            for name in source.names { _ = try source.floats(name) }
            return source.names.count
        }
    }

    private func message(_ edit: (inout [UInt8], inout [UInt8]) throws -> Void) -> String {
        do {
            return "\(try read(edit)) tensors"
        } catch {
            return (error as? ModelsError)?.code == .malformedFile ? "\(error)" : "another error: \(error)"
        }
    }

    @Test func theWholeFileIsRead() {
        // 2 layers of 16, 5 of the embeddings, 2 of the pooler, 5 of the masked-LM head, 2 of the pair head.
        #expect(message { _, _ in } == "46 tensors")
    }

    @Test func damageIsFoundWhereverItIs() throws {
        let index = try CheckpointFixtures.bytes("bert-tensorflow/model.ckpt.index")
        for position in stride(from: 0, to: index.count - 48, by: 11) {
            #expect(message { index, _ in index[position] ^= 4 }.contains("checksum"), "byte \(position)")
        }
        let data = try CheckpointFixtures.bytes("bert-tensorflow/model.ckpt.data-00000-of-00001")
        // The first bytes are those of an optimizer's slot or of a parameter; the last ones belong to global_step or a head.
        let found = stride(from: 0, to: data.count, by: 101).count { position in
            message { _, data in data[position] ^= 1 }.contains("is damaged: its checksum")
        }
        let skipped = 2 * 8 * 8 * 4 + 8
        let checked = stride(from: 0, to: data.count, by: 101).underestimatedCount
        #expect(found >= checked - skipped / 101 - 3 && found < checked)
    }

    @Test func truncatedFilesAreRefused() throws {
        for cut in [1, 8, 47, 48, 200, 1000] {
            #expect(message { index, _ in index.removeLast(cut) }.contains("m.index"), "\(cut)")
        }
        #expect(message { index, _ in index = [] }.contains("no footer"))
        #expect(message { _, data in data.removeLast(data.count / 2) }.contains("do not fit"))
        #expect(message { _, data in data = [] }.contains("do not fit"))
    }

    @Test func anAbsentDataFileIsNamed() throws {
        try withTemporaryDirectory { directory in
            let index = try CheckpointFixtures.bytes("bert-tensorflow/model.ckpt.index")
            try Data(index).write(to: URL(filePath: "\(directory)/m.index"))
            let error = CheckpointFixtures.failure("\(directory)/m.index")
            #expect(error?.code == .fileSystem && error?.source.hasSuffix("m.data-00000-of-00001") == true)
        }
    }

    @Test(arguments: [
        ([UInt8](arrayLiteral: 0x12, 9, 0x12, 7, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40), "does not fit"),  // 2^41
        // The size is 2^63, then -1: ten bytes each.
        ([0x12, 13, 0x12, 11, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], ">= 0"),
        ([0x12, 13, 0x12, 11, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], ">= 0"),
        ([0x18, 7], "in file 7 of 1"),
        ([0x20, 0xFF, 0xFF, 0xFF, 0x7F], "do not fit"),
        ([0x28, 0xFF, 0xFF, 0xFF, 0x7F], "do not fit"),
        ([0x20, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], ">= 0"),
        ([0x3A, 0], "slices"),
        ([0x08, 2], "does not fit"),
        ([0x0F], "wire type 7"),
        ([0x12, 100], "expected"),
        ([0x08], "end"),
        ([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], "64 bits"),
    ])
    func entriesThatLieAreRefused(field: [UInt8], words: String) throws {
        let header: [UInt8] = [0x08, 1]
        // float32, shape [2], 8 bytes; the checksum of eight zeros.
        let entry: [UInt8] =
            [0x08, 1, 0x12, 4, 0x12, 2, 0x08, 2, 0x28, 8, 0x35] + masked([UInt8](repeating: 0, count: 8))
        func table(_ entry: [UInt8]) -> [UInt8] { sortedTable([("", header), ("bert/pooler/dense/bias", entry)]) }
        let data = [UInt8](repeating: 0, count: 8)
        #expect(
            message {
                $0 = table(entry)
                $1 = data
            } == "1 tensors")
        // A repeated field replaces the first one, but an axis is added.
        let rest = field.starts(with: [0x12]) ? [0x08, 1, 0x28, 8] + Array(entry[10...]) : entry
        let text = message {
            $0 = table(rest + field)
            $1 = data
        }
        #expect(text.contains(words) && !text.contains("another error"), "\(text)")
    }

    @Test func tablesThatLieAreRefused() throws {
        let header: [UInt8] = [0x08, 1]
        func text(_ items: [(String, [UInt8])], compression: UInt8 = 0) -> String {
            message { index, _ in index = sortedTable(items, compression: compression) }
        }
        #expect(text([("", header)]) == "0 tensors")
        #expect(text([("", header)], compression: 1).contains("compressed (method 1)"))
        #expect(text([("a", header)]).contains("no header"))
        #expect(text([]).contains("no header"))
        #expect(text([("", header), ("", header)]).contains("ascending"))
        #expect(text([("", header), ("b", []), ("a", [])]).contains("ascending"))
        #expect(text([("", [])]).contains("expected 1 to 1000 data files, got 0"))
        #expect(text([("", [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F])]).contains("data files"))
        #expect(text([("", [0x08, 1, 0x10, 1])]).contains("big-endian"))
    }

    // MARK: An independent writer of tables

    /// A table of one block, keys in full.
    private func sortedTable(_ items: [(String, [UInt8])], compression: UInt8 = 0) -> [UInt8] {
        var file: [UInt8] = []
        func append(_ items: [([UInt8], [UInt8])]) -> [UInt8] {
            var block: [UInt8] = []
            for (key, value) in items { block += [0, UInt8(key.count), UInt8(value.count)] + key + value }
            block += [0, 0, 0, 0, 1, 0, 0, 0]
            let handle = varint(file.count) + varint(block.count)
            file += block + [compression] + masked(block + [compression])
            return handle
        }
        let data = append(items.map { (Array($0.0.utf8), $0.1) })
        let index = append([(Array("zzz".utf8), data)])
        let footer = data + index
        return file + footer + [UInt8](repeating: 0, count: 40 - footer.count) + [
            0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB,
        ]
    }

    private func varint(_ value: Int) -> [UInt8] {
        value < 128 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + varint(value >> 7)
    }

    /// The masked CRC-32C, bit by bit.
    private func masked(_ bytes: [UInt8]) -> [UInt8] {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        crc = ~crc
        return HostileFile.little((crc >> 15 | crc << 17) &+ 0xA282_EAD8)
    }
}
