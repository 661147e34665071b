internal import CSodium

/// A SHA-256 digest (FIPS 180-4), by libsodium; `sha256sum FILE` prints the same for a file.
package struct ContentDigest {
    private static let length = 32

    private var state = crypto_hash_sha256_state()

    /// The digest of nothing yet.
    package init() {
        _ = unsafe crypto_hash_sha256_init(&state)
    }

    /// Adds bytes.
    package mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// Adds bytes of borrowed memory.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        _ = unsafe crypto_hash_sha256_update(&state, base.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
    }

    /// Adds a string with its length, so that ("ab", "c") and ("a", "bc") differ.
    package mutating func update(field: String) {
        update(Array("\(field.utf8.count):".utf8))
        update(Array(field.utf8))
    }

    /// The digest in lower-case hexadecimal digits.
    package consuming func hexadecimal() -> String {
        var bytes = [UInt8](repeating: 0, count: Self.length)
        _ = unsafe crypto_hash_sha256_final(&state, &bytes)
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The digest of one array.
    package static func of(_ bytes: [UInt8]) -> String {
        var digest = ContentDigest()
        digest.update(bytes)
        return digest.hexadecimal()
    }
}
