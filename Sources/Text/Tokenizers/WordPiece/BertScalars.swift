internal import Foundation

/// What the Rust `tokenizers` think of a Unicode scalar. Their general categories are those of Unicode 8.0: what was
/// assigned later is neither a mark nor punctuation nor a control to them. Their canonical decompositions and
/// combining classes are those of Unicode 9.0; case and white space are up to date.
struct BertScalar: OptionSet, Sendable {
    let rawValue: UInt8

    /// Left out: NUL, U+FFFD, and what is a control, a format or for private use.
    static let dropped = BertScalar(rawValue: 1)
    /// White space.
    static let space = BertScalar(rawValue: 2)
    /// A mark of punctuation, always a token of its own.
    static let punctuation = BertScalar(rawValue: 4)
    /// A non-spacing mark, which stripping accents removes.
    static let mark = BertScalar(rawValue: 8)
    /// A Chinese character, a word of its own.
    static let chinese = BertScalar(rawValue: 16)
    /// Of non-zero combining class: changes places with its neighbours in a decomposed text.
    static let combining = BertScalar(rawValue: 32)
    /// Has a canonical decomposition.
    static let decomposes = BertScalar(rawValue: 64)
    /// Has another lower case.
    static let changesCase = BertScalar(rawValue: 128)

    /// The kind of any scalar, from a table for the basic plane.
    @inline(__always)
    static func of(_ scalar: Unicode.Scalar) -> BertScalar {
        let value = Int(scalar.value)
        return value < basicPlane.count ? basicPlane[value] : computed(scalar)
    }

    private static let basicPlane: [BertScalar] = (UInt32(0)..<0x10000).map { value in
        Unicode.Scalar(value).map(computed) ?? []
    }

    private static func computed(_ scalar: Unicode.Scalar) -> BertScalar {
        let properties = scalar.properties
        var kind = ofCategory(scalar)
        if properties.changesWhenLowercased { kind.insert(.changesCase) }
        if scalar.combiningClass > 0 { kind.insert(.combining) }
        if scalar.canonicalDecomposition != [scalar] { kind.insert(.decomposes) }
        return kind
    }

    private static func ofCategory(_ scalar: Unicode.Scalar) -> BertScalar {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20: return .space
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return .punctuation
        // Categories that changed after Unicode 8.0.
        case 0x166D, 0x111C9: return .punctuation
        case 0x1734, 0x1171E: return .mark
        case 0x1885, 0x1886, 0xA9BD: return []
        // The last block but two begins at 2B920, not at 2B820 as it does elsewhere.
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            return .chinese
        case 0xFFFD: return .dropped
        default: break
        }
        let kind: BertScalar
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .surrogate: kind = .dropped
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: kind = .space
        case .nonspacingMark: kind = .mark
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            kind = .punctuation
        default: return []
        }
        return scalar.isAssigned(in: 8) ? kind : []
    }
}

extension Unicode.Scalar {
    /// Its canonical combining class in Unicode 9.0.
    var combiningClass: UInt8 {
        let value = properties.canonicalCombiningClass.rawValue
        return value > 0 && isAssigned(in: 9) ? value : 0
    }

    /// Its canonical decomposition in Unicode 9.0; itself alone if it has none.
    var canonicalDecomposition: [Unicode.Scalar] {
        switch value {
        case 0xAC00...0xD7A3: hangulJamo
        // Where no scalar decomposes; this is only for speed.
        case 0...0xBF, 0x1100...0x1AFF, 0x3100...0xABFF, 0x10000...0x10FFF, 0x12000...0x1CFFF, 0x1D200...0x2F7FF,
            0x2FA20...:
            [self]
        default:
            isAssigned(in: 9) ? Array(String(self).decomposedStringWithCanonicalMapping.unicodeScalars) : [self]
        }
    }

    /// Whether a version of Unicode up to `major`.0 assigned it.
    fileprivate func isAssigned(in major: Int) -> Bool {
        guard let age = properties.age else { return false }
        return age.major < major || age == (major, 0)
    }

    /// The two or three jamo of a Hangul syllable, by the arithmetic of the Unicode standard (section 3.12).
    private var hangulJamo: [Unicode.Scalar] {
        let index = value - 0xAC00
        let jamo = [0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11A7 + index % 28]
        return jamo.prefix(index % 28 == 0 ? 2 : 3).compactMap(Unicode.Scalar.init)
    }
}
