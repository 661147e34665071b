import CChecksum
import Testing

@Suite struct ChecksumVectorTests {
    @Test func crc32cGivesThePublishedValues() {
        #expect(checksums(Array("123456789".utf8)) == [0xE306_9283, 0xE306_9283])
        // RFC 3720 §B.4: 32 bytes of zeros, of ones, ascending.
        #expect(checksums([UInt8](repeating: 0, count: 32)) == [0x8A91_36AA, 0x8A91_36AA])
        #expect(checksums([UInt8](repeating: 0xff, count: 32)) == [0x62A8_AB43, 0x62A8_AB43])
        #expect(checksums(Array(0..<32)) == [0x46DD_794E, 0x46DD_794E])
        #expect(checksums([]) == [0, 0])
    }

    @Test(arguments: [0, 1, 7, 8, 9, 3071, 3072, 3073, 6144, 10_000])
    func instructionAndTableAgreeAtAnyLengthOffsetAndSplit(count: Int) {
        let bytes = (0..<count + 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        for offset in 0..<3 {
            let part = Array(bytes[offset..<offset + count])
            let both = checksums(part)
            #expect(both[0] == both[1], "length \(count), offset \(offset)")
            let cut = count / 3
            let first = unsafe troupe_crc32c(0, Array(part[..<cut]), cut)
            #expect(
                unsafe troupe_crc32c(first, Array(part[cut...]), count - cut) == both[1], "cut at \(cut) of \(count)")
        }
    }

    @Test func everyBitCounts() {
        var bytes = [UInt8](repeating: 0x5a, count: 4000)
        let before = checksums(bytes)
        for index in [0, 1023, 1024, 2048, 3071, 3072, 3999] {
            bytes[index] ^= 0x10
            #expect(checksums(bytes)[0] != before[0], "flipped a bit of byte \(index)")
            bytes[index] ^= 0x10
        }
    }

    /// By instruction and by table.
    private func checksums(_ bytes: [UInt8]) -> [UInt32] {
        unsafe [troupe_crc32c(0, bytes, bytes.count), troupe_crc32c_table(0, bytes, bytes.count)]
    }
}
