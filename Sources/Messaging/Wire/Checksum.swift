/// CRC-32C (Castagnoli polynomial, reflected), as in RFC 3720 §12.1.
package enum Checksum {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82f6_3b78 }
    }

    /// The checksum of `bytes`; 0 for none.
    package static func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let table = table
        var value = ~UInt32(0)
        for index in 0..<bytes.count {
            value = value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ (unsafe bytes[index]))]
        }
        return ~value
    }
}
