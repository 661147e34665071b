import CSodium

/// A SHA-256 sum over bytes that come in pieces.
package struct SHA256Digest: ~Copyable {
    private var state = crypto_hash_sha256_state()

    /// The sum of nothing yet.
    package init() { unsafe crypto_hash_sha256_init(&state) }

    /// Adds raw bytes; nothing for an empty buffer.
    package mutating func update(bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        unsafe crypto_hash_sha256_update(&state, base.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
    }

    /// Adds a text's length in UTF-8, as 8 bytes, and its bytes, so that two texts never read as one.
    package mutating func update(text: String) {
        update(integer: UInt64(text.utf8.count))
        var text = text
        text.withUTF8 { utf8 in unsafe update(bytes: UnsafeRawBufferPointer(utf8)) }
    }

    /// Adds a number as 8 bytes, lowest first.
    package mutating func update(integer: UInt64) {
        unsafe withUnsafeBytes(of: integer.littleEndian) { bytes in unsafe update(bytes: bytes) }
    }

    /// The sum as 64 hexadecimal digits, in lower case.
    package consuming func finalize() -> String {
        var sum = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        unsafe crypto_hash_sha256_final(&state, &sum)
        let digits = Array("0123456789abcdef")
        return String(sum.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
