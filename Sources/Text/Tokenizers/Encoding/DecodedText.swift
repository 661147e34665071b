/// What decoding does to spaces at the end.
enum DecodedText {
    private static let replacements: [(String, String)] = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"),
        (" 've", "'ve"), (" 're", "'re"),
    ]

    /// The text without the spaces that tokens put before marks and around English contractions: the replacements of
    /// Hugging Face's `clean_up_tokenization`, each over the whole text before the next.
    static func tightened(_ bytes: [UInt8]) -> String {
        var bytes = bytes
        for (pattern, replacement) in replacements { replace(Array(pattern.utf8), Array(replacement.utf8), in: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Works on bytes, because characters of a `String` would hide a mark that carries an accent.
    private static func replace(_ pattern: [UInt8], _ replacement: [UInt8], in bytes: inout [UInt8]) {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if bytes[position] == pattern[0], bytes[position...].starts(with: pattern) {
                result += replacement
                position += pattern.count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        bytes = result
    }
}
