import Testing
import Wire

@Suite struct DataFrameHeaderTests {
    /// Written by scripts/goldens/wire.py.
    private static let golden = bytes(
        "54 52 50 46 01 00 02 00 ef cd ab 89 67 45 23 01 4d 00 00 00 00 00 00 00 03 00 00 00 05 00 00 00 01 00 00 00 "
            + "04 00 00 00 02 00 00 00 03 00 00 00 83 e7 4d 38 fb 1e 16 55")

    private static let header = DataFrameHeader(
        phase: .allGather, elementType: .float32, runID: RunID(0x0123_4567_89ab_cdef), step: 77, generation: 3,
        bucket: 5, hop: 1, segment: 4, sender: 2, elementCount: 3, payloadChecksum: 0x384d_e783)

    private func decode(_ bytes: [UInt8]) throws -> DataFrameHeader {
        try unsafe bytes.withUnsafeBytes { try unsafe DataFrameHeader(decoding: $0) }
    }

    @Test func bytesAreTheGoldenOnes() throws {
        #expect(Self.header.encoded() == Self.golden)
        #expect(try decode(Self.golden) == Self.header)
    }

    @Test func payloadChecksumIsTheGoldenOne() {
        let payload: [Float] = [1, 2, 3]
        let checksum = unsafe payload.withUnsafeBytes { unsafe Checksum.crc32c($0) }
        #expect(checksum == Self.header.payloadChecksum)
    }

    @Test func checksumHasItsKnownAnswer() {
        let digits = Array("123456789".utf8)
        #expect(unsafe digits.withUnsafeBytes { unsafe Checksum.crc32c($0) } == 0xe306_9283)
        #expect(unsafe [UInt8]().withUnsafeBytes { unsafe Checksum.crc32c($0) } == 0)
    }

    @Test func decodingGivesBackWhatWasEncoded() throws {
        var generator = SeededGenerator(11)
        for _ in 0..<500 {
            let header = DataFrameHeader(
                phase: try #require(
                    [.reduceScatter, .allGather, .broadcast, .barrier].randomElement(using: &generator)),
                elementType: try #require(
                    [.float32, .float64, .bfloat16, .int32, .bytes].randomElement(using: &generator)),
                runID: RunID(.random(in: 0...UInt64.max, using: &generator)),
                step: .random(in: 0...UInt64.max, using: &generator),
                generation: .random(in: 0...UInt32.max, using: &generator),
                bucket: .random(in: 0...UInt32.max, using: &generator),
                hop: .random(in: 0...UInt32.max, using: &generator),
                segment: .random(in: 0...UInt32.max, using: &generator),
                sender: .random(in: 0...UInt32.max, using: &generator),
                elementCount: .random(in: 0...UInt32.max, using: &generator),
                payloadChecksum: .random(in: 0...UInt32.max, using: &generator))
            #expect(try decode(header.encoded()) == header)
        }
    }

    @Test func everyChangedBitIsNoticed() {
        for bit in 0..<(Self.golden.count * 8) {
            var changed = Self.golden
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: WireError.self, "bit \(bit)") { try decode(changed) }
        }
    }

    @Test func otherLengthsAreRefused() {
        for count in [0, 1, 55, 57, 1000] {
            let error = #expect(throws: WireError.self) { try decode([UInt8](repeating: 0x54, count: count)) }
            #expect(error?.code == .malformed)
        }
    }

    @Test func otherVersionIsRefusedByNumber() {
        var changed = Self.golden
        changed[4] = 9
        let error = #expect(throws: WireError.self) { try decode(changed) }
        #expect(error?.code == .unsupportedVersion)
        #expect(error?.message.contains("9") == true)
    }
}
