private import CChecksum

/// CRC-32C (Castagnoli polynomial, reflected), as in RFC 3720 §12.1.
package enum Checksum {
    /// The checksum of `bytes`; 0 for none.
    package static func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        unsafe troupe_crc32c(0, bytes.baseAddress, bytes.count)
    }
}
