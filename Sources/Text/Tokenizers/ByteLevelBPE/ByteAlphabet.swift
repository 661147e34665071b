/// The printable characters under which byte-level vocabularies write bytes: 33-126, 161-172 and 174-255 stand for
/// themselves, the other 68 bytes in ascending order for U+0100, U+0101, ... So a space is `Ġ`.
enum ByteAlphabet {
    /// The character of each byte.
    static let characters: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt8(0)...255).map { byte in
            switch byte {
            case 33...126, 161...172, 174...255: return Unicode.Scalar(byte)
            default:
                defer { next += 1 }
                return Unicode.Scalar(next) ?? "\u{FFFD}"
            }
        }
    }()

    private static let bytes = Dictionary(uniqueKeysWithValues: zip(characters, UInt8(0)...255))

    /// The bytes that a token stands for; nil if it has a character that is none of the alphabet.
    static func bytes(of token: String) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in token.unicodeScalars {
            guard let byte = bytes[scalar] else { return nil }
            result.append(byte)
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Whether it is left out at the ends of a token: white space, or the character that a space is written as.
    var isByteLevelSpace: Bool { self == "\u{120}" || properties.isWhitespace }
}
