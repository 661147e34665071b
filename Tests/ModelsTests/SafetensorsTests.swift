import Foundation
import Models
import Testing

/// A directory of its own for one test, removed at the end of the closure.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "models-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

/// An item over a copy of `values`.
func item<Element: BitwiseCopyable>(
    _ name: String, _ dtype: SafetensorsDType, _ shape: [Int], _ values: [Element]
) -> SafetensorsItem {
    unsafe SafetensorsItem(name: name, dtype: dtype, shape: shape) { body in
        try unsafe values.withUnsafeBytes { try unsafe body($0) }
    }
}

struct SafetensorsTests {
    /// The bytes of a file with this header text and this much data.
    private func bytes(_ header: String, dataLength: Int) -> Data {
        var data = Data()
        let length = UInt64(header.utf8.count)
        for shift in 0..<8 { data.append(UInt8(truncatingIfNeeded: length >> (8 * UInt64(shift)))) }
        data.append(contentsOf: header.utf8)
        data.append(contentsOf: (0..<dataLength).map { UInt8(truncatingIfNeeded: $0) })
        return data
    }

    private func failure(opening data: Data) throws -> ModelsError? {
        try withTemporaryDirectory { try failure(opening: data, in: $0) }
    }

    private func failure(opening data: Data, in directory: String) throws -> ModelsError? {
        let path = "\(directory)/file.safetensors"
        try data.write(to: URL(filePath: path))
        do throws(ModelsError) {
            _ = try SafetensorsFile(path: path)
            return nil
        } catch {
            return error
        }
    }

    @Test func whatIsWrittenIsRead() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/a.safetensors"
            let floats: [Float] = [1.5, -2, 3.25, .infinity, 0, -0.0]
            try SafetensorsWriter.write(
                [
                    item("z.bytes", .uint8, [3], [UInt8](arrayLiteral: 7, 255, 0)),
                    item("b/\"quoted\"", .float32, [2, 3], floats),
                    item("doubles", .float64, [2], [0.1, -1e300]),
                    item("ids", .int32, [2, 1], [Int32](arrayLiteral: -5, 1 << 30)),
                    item("long", .int64, [], [Int64](arrayLiteral: -9)),
                    item("empty", .float32, [0, 4], [Float]()),
                ], metadata: ["format": "pt", "step": "12"], to: path)
            let file = try SafetensorsFile(path: path)
            #expect(file.metadata == ["format": "pt", "step": "12"])
            #expect(try file.floats("b/\"quoted\"") == floats)
            #expect(file.entry("b/\"quoted\"")?.shape == [2, 3])
            #expect(try file.doubles("doubles") == [0.1, -1e300])
            #expect(try file.doubles("ids") == [-5, Double(1 << 30)])
            #expect(try file.floats("long") == [-9])
            #expect(try file.floats("z.bytes") == [7, 255, 0])
            #expect(try file.floats("empty") == [])
            #expect(file.entry("absent") == nil)
            #expect(throws: ModelsError.self) { try file.floats("absent") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["a.safetensors"])
        }
    }

    @Test func theDataIsAligned() throws {
        try withTemporaryDirectory { directory in
            for length in 1...16 {
                let path = "\(directory)/\(length)"
                let name = String(repeating: "n", count: length)
                try SafetensorsWriter.write(
                    [item("a", .uint8, [1], [UInt8(1)]), item(name, .float64, [1], [2.5])], to: path)
                let data = try Data(contentsOf: URL(filePath: path))
                let header = data.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
                #expect(header % 8 == 0 && data.count == 8 + header + 9)
                let file = try SafetensorsFile(path: path)
                #expect(file.entries.allSatisfy { $0.bytes.lowerBound % $0.dtype.byteSize == 0 })
            }
        }
    }

    @Test func halfPrecisionTypesAreConverted() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/half"
            // 1, -2, largest, smallest subnormal, infinity, smallest normal, -0
            let half: [UInt16] = [0x3C00, 0xC000, 0x7BFF, 0x0001, 0x7C00, 0x0400, 0x8000]
            let brain: [UInt16] = [0x3F80, 0xC000, 0x4049, 0x7F80]
            try SafetensorsWriter.write(
                [item("half", .float16, [7], half), item("brain", .bfloat16, [4], brain)], to: path)
            let file = try SafetensorsFile(path: path)
            #expect(try file.floats("half") == [1, -2, 65504, 0x1p-24, .infinity, 0x1p-14, 0])
            #expect(try file.floats("brain") == [1, -2, 3.140625, .infinity])
        }
    }

    @Test func aNotANumberStaysOne() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/nan"
            try SafetensorsWriter.write([item("half", .float16, [1], [UInt16(0x7E00)])], to: path)
            #expect(try SafetensorsFile(path: path).floats("half")[0].isNaN)
        }
    }

    @Test func aFailedWriteLeavesTheOldFile() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/a.safetensors"
            try SafetensorsWriter.write([item("a", .float32, [1], [Float(1)])], to: path)
            #expect(throws: ModelsError.self) {
                try SafetensorsWriter.write([item("a", .float32, [2], [Float(1)])], to: path)
            }
            #expect(throws: ModelsError.self) {
                try SafetensorsWriter.write(
                    [item("a", .float32, [1], [Float(2)]), item("a", .float32, [1], [Float(3)])], to: path)
            }
            #expect(try SafetensorsFile(path: path).floats("a") == [1])
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["a.safetensors"])
            #expect(throws: ModelsError.self) { try SafetensorsWriter.write([], to: "\(directory)/none/b") }
        }
    }

    @Test(arguments: [
        ("", 0, "at least 8 bytes"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, 8, "not valid JSON"),
        ("[]", 0, "JSON object"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "inside the file's 4"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 12, "expected 8 bytes of tensor data, got 12"),
        (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "expected 12 bytes for shape [3]"),
        (#"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, 8, "'F31'"),
        (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "shape"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "data_offsets"),
        (#"{"a":{"dtype":"F32","shape":[2]}}"#, 8, "data_offsets"),
        (#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}}"#, 0, "too large"),
        (
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#,
            6, "from byte 4, got 2"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}"#,
            10, "from byte 4, got 6"
        ),
        (#"{"__metadata__":{"a":1}}"#, 0, "expected a string"),
        (#"{"a":7}"#, 0, "expected an object"),
    ])
    func alteredFilesAreRefusedByName(header: String, dataLength: Int, words: String) throws {
        let data = header.isEmpty ? Data([1, 2]) : bytes(header, dataLength: dataLength)
        let error = try #require(try failure(opening: data))
        #expect(error.code == .malformedFile)
        #expect(error.description.contains("file.safetensors") && error.description.contains(words), "\(error)")
    }

    @Test func noPrefixOfAFileIsAccepted() throws {
        let whole = bytes(#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#, dataLength: 4)
        #expect(try failure(opening: whole) == nil)
        for length in 0..<whole.count { #expect(try failure(opening: whole.prefix(length)) != nil, "\(length) bytes") }
    }

    @Test func flippingAnyHeaderBitIsRefusedOrHarmless() throws {
        let whole = bytes(#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#, dataLength: 4)
        try withTemporaryDirectory { directory in
            for position in 0..<whole.count - 4 {
                for bit in 0..<8 {
                    var altered = whole
                    altered[position] ^= 1 << UInt8(bit)
                    guard try failure(opening: altered, in: directory) == nil else { continue }
                    // What still opens has the same four bytes in one tensor, under another name or type.
                    let file = try SafetensorsFile(path: "\(directory)/file.safetensors")
                    #expect(file.entries.map(\.bytes) == [0..<4], "bit \(bit) of byte \(position)")
                }
            }
        }
    }

    @Test func whatIsNoFileIsNamed() throws {
        try withTemporaryDirectory { directory in
            #expect(throws: ModelsError.self) { try SafetensorsFile(path: directory) }
            do throws(ModelsError) {
                _ = try SafetensorsFile(path: "\(directory)/absent")
                Issue.record("an absent file was opened")
            } catch {
                #expect(error.code == .fileSystem && error.description.contains("\(directory)/absent"))
            }
        }
    }
}
