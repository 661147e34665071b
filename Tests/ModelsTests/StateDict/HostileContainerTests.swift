import Foundation
import Models
import Testing

struct HostileContainerTests {
    private let pickle = HostileFile.pickle(HostileFile.dictionary([("w", HostileFile.tensor())]))
    private let storage = [UInt8](0..<16)

    /// The error with which the file ends.
    private func failure(_ bytes: [UInt8], named name: String = "weights") throws -> ModelsError? {
        try withTemporaryDirectory { directory in
            try Data(bytes).write(to: URL(filePath: "\(directory)/\(name)"))
            return CheckpointFixtures.failure("\(directory)/\(name)")
        }
    }

    private func expectRefusal(_ bytes: [UInt8], _ words: String) throws {
        let error = try failure(bytes)
        #expect(error?.code == .malformedFile && error?.message.contains(words) == true, "\(error as Any)")
    }

    @Test func entriesThatAreNotStoredAreRefused() throws {
        var bomb = HostileFile.Entry(name: "a/data/0", bytes: storage, method: 8, size: .max)
        let data = HostileFile.Entry(name: "a/data.pkl", bytes: pickle)
        try expectRefusal(HostileFile.zip([data, bomb]), "'a/data/0': compressed (method 8)")
        bomb.method = 0
        try expectRefusal(HostileFile.zip([data, bomb]), "hold")
        bomb.size = nil
        #expect(try failure(HostileFile.zip([data, bomb])) == nil)
        bomb.flags = 1
        try expectRefusal(HostileFile.zip([data, bomb]), "encrypted")
    }

    @Test func archivesWithRepeatedOrAbsentEntriesAreRefused() throws {
        let data = HostileFile.Entry(name: "a/data.pkl", bytes: pickle)
        let numbers = HostileFile.Entry(name: "a/data/0", bytes: storage)
        let other = HostileFile.Entry(name: "b/data.pkl", bytes: pickle)
        try expectRefusal(HostileFile.zip([data, numbers, numbers]), "'a/data/0': occurs twice")
        try expectRefusal(HostileFile.zip([data]), "no entry 'a/data/0'")
        try expectRefusal(HostileFile.zip([numbers]), "0 entries 'data.pkl'")
        try expectRefusal(HostileFile.zip([data, numbers, other]), "2 entries 'data.pkl'")
        let order = HostileFile.Entry(name: "a/byteorder", bytes: Array("big".utf8))
        try expectRefusal(HostileFile.zip([data, numbers, order]), "expected 'little'")
        try expectRefusal(HostileFile.zip([]), "neither")
    }

    @Test(arguments: ["odd-zip.bin", "odd-zip64.bin", "odd-legacy.bin", "odd.safetensors"])
    func noPrefixOfAFileOpens(name: String) throws {
        let whole = try CheckpointFixtures.bytes(name)
        try withTemporaryDirectory { directory in
            for length in stride(from: 0, to: whole.count, by: 7) {
                let source = try CheckpointFixtures.open(Array(whole[..<length]), at: "\(directory)/weights")
                #expect(source == nil, "\(length) of \(whole.count) bytes")
            }
        }
    }

    @Test func aDamagedPickleOfAnArchiveIsFound() throws {
        let whole = try CheckpointFixtures.bytes("odd-zip.bin")
        let damaged = try whole.replacingOnly(Array("half_transposed".utf8), with: Array("half_transpased".utf8))
        try expectRefusal(damaged, "damaged")
        // PyTorch can be told not to compute the checksum.
        #expect(try failure(HostileFile.archive(HostileFile.dictionary([("w", HostileFile.tensor())]))) == nil)
    }

    @Test func aBigEndianOrUnknownLegacyFileIsRefused() throws {
        let whole = try CheckpointFixtures.bytes("odd-legacy.bin")
        let big = try whole.replacingOnly(
            Array("little_endianq\u{2}".utf8) + [0x88], with: Array("little_endianq\u{2}".utf8) + [0x89])
        try expectRefusal(big, "big-endian")
        try expectRefusal(HostileFile.pickle(HostileFile.dictionary([])), "magic number")
    }

    @Test func repeatedNamesInSafetensorsAreRefused() throws {
        let tensor = #"{"dtype":"U8","shape":[4],"data_offsets":[0,4]}"#
        for second in [#""a""#, #""\u0061""#] {
            let header = #"{"a":\#(tensor),\#(second):\#(tensor)}"#
            try expectRefusal(
                HostileFile.little(UInt64(header.utf8.count)) + Array(header.utf8) + [1, 2, 3, 4], "different names")
        }
    }

    @Test(arguments: [
        "../weights", "/etc/passwd", "..", ".", "", "a/b", "shard\u{0}",
    ])
    func anIndexMayNotNameFilesElsewhere(name: String) throws {
        let index = JSONValue.object(["weight_map": .object(["w": .string(name)])]).text()
        let error = try failure(Array(index.utf8), named: "model.safetensors.index.json")
        #expect(error?.code == .malformedFile && error?.message.contains("beside the index") == true, "\(error as Any)")
    }

    @Test func anIndexHasToAgreeWithItsFiles() throws {
        func failure(_ map: [String: String]) throws -> ModelsError? {
            try withTemporaryDirectory { directory in
                let one = [item("w", .float32, [1], [Float(1)]), item("v", .float32, [1], [Float(2)])]
                try SafetensorsWriter.write(one, to: "\(directory)/one")
                try SafetensorsWriter.write([item("v", .float32, [1], [Float(3)])], to: "\(directory)/two")
                let text = JSONValue.object(["weight_map": .object(map.mapValues { .string($0) })]).text()
                let path = "\(directory)/model.safetensors.index.json"
                try Data(text.utf8).write(to: URL(filePath: path))
                return CheckpointFixtures.failure(path)
            }
        }
        #expect(try failure(["w": "one", "v": "one"]) == nil)
        #expect(try failure(["w": "one"])?.message.contains("'v' is not listed here") == true)
        #expect(try failure(["w": "one", "v": "two"])?.message.contains("'v' is not listed here") == true)
        #expect(try failure(["w": "one", "v": "one", "u": "two"])?.message.contains("'v' is not listed here") == true)
        #expect(try failure(["w": "one", "v": "one", "u": "one"])?.message.contains("'u' is not in one") == true)
        #expect(try failure(["w": "three"])?.code == .fileSystem)
        #expect(try self.failure(Array("{}".utf8), named: "a.index.json")?.message.contains("weight_map") == true)
    }
}
