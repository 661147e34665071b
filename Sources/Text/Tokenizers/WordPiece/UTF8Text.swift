/// Reading valid UTF-8 scalar by scalar.
enum UTF8Text {
    /// The scalar that begins at `position` and the number of its bytes. The bytes must be valid UTF-8.
    @inline(__always)
    static func scalar(in text: Span<UInt8>, at position: Int) -> (scalar: Unicode.Scalar, length: Int) {
        let lead = UInt32(text[position])
        if lead < 0x80 { return (make(lead), 1) }
        let second = UInt32(text[position + 1]) & 0x3F
        if lead < 0xE0 { return (make((lead & 0x1F) << 6 | second), 2) }
        let third = UInt32(text[position + 2]) & 0x3F
        if lead < 0xF0 { return (make((lead & 0x0F) << 12 | second << 6 | third), 3) }
        let fourth = UInt32(text[position + 3]) & 0x3F
        return (make((lead & 0x07) << 18 | second << 12 | third << 6 | fourth), 4)
    }

    /// The scalar that ends before `position` > 0 and the number of its bytes. The bytes must be valid UTF-8.
    static func scalar(in text: Span<UInt8>, before position: Int) -> (scalar: Unicode.Scalar, length: Int) {
        var start = position - 1
        while start > 0 && text[start] & 0xC0 == 0x80 { start -= 1 }
        return scalar(in: text, at: start)
    }

    private static func make(_ value: UInt32) -> Unicode.Scalar { Unicode.Scalar(value) ?? "\u{FFFD}" }

    /// Appends a scalar to UTF-8 text.
    @inline(__always)
    static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        let value = scalar.value
        switch value {
        case ..<0x80:
            bytes.append(UInt8(value))
        case ..<0x800:
            bytes.append(0xC0 | UInt8(value >> 6))
            bytes.append(0x80 | UInt8(value & 0x3F))
        case ..<0x10000:
            bytes.append(0xE0 | UInt8(value >> 12))
            bytes.append(0x80 | UInt8(value >> 6 & 0x3F))
            bytes.append(0x80 | UInt8(value & 0x3F))
        default:
            bytes.append(0xF0 | UInt8(value >> 18))
            bytes.append(0x80 | UInt8(value >> 12 & 0x3F))
            bytes.append(0x80 | UInt8(value >> 6 & 0x3F))
            bytes.append(0x80 | UInt8(value & 0x3F))
        }
    }

    /// The scalars that begin in these bytes.
    static func scalarCount(_ text: Span<UInt8>) -> Int {
        var count = 0
        for index in 0..<text.count where text[index] & 0xC0 != 0x80 { count += 1 }
        return count
    }
}
