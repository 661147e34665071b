internal import Foundation

/// A text in compatibility composition (NFKC), with the place of the original that each scalar comes from.
struct ComposedText {
    /// The composed scalars.
    private(set) var scalars: [Unicode.Scalar] = []
    /// The scalars of the original that each comes from; those that were composed together share theirs.
    private(set) var origins: [Range<Int>] = []

    /// Composes scalars of which the first is number `start` of the original, piece by piece. A piece ends before a
    /// scalar that is no mark, which could change places with others, and that the composition does not join with it.
    init(_ original: [Unicode.Scalar], from start: Int) {
        var piece: ArraySlice<Unicode.Scalar> = []
        for index in original.indices {
            let longer = original[piece.startIndex...index]
            if !piece.isEmpty && !Self.isApart(original[index]) {
                // A long run of marks is composed once, behind its end.
                if Self.isMark(original[index]) || Self.joins(original[index], piece) {
                    piece = longer
                    continue
                }
            }
            append(Self.compose(piece), of: piece, from: start)
            piece = original[index...index]
        }
        append(Self.compose(piece), of: piece, from: start)
    }

    /// The original scalars as they are.
    init(verbatim original: [Unicode.Scalar], from start: Int) {
        scalars = original
        origins = original.indices.map { start + $0..<start + $0 + 1 }
    }

    private mutating func append(
        _ composed: [Unicode.Scalar], of piece: ArraySlice<Unicode.Scalar>, from start: Int
    ) {
        scalars += composed
        if composed.elementsEqual(piece) {
            origins += piece.indices.map { start + $0..<start + $0 + 1 }
        } else {
            let origin = start + piece.startIndex..<start + piece.endIndex
            origins += Array(repeating: origin, count: composed.count)
        }
    }

    /// Whether a scalar never composes with what stands before it; this is only for speed.
    private static func isApart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x2FF, 0x3000...0x3029, 0x3040...0x3098, 0x30A0...0x30FF, 0x4E00...0x9FFF: true
        default: false
        }
    }

    /// Whether a scalar's decomposition begins with a mark that composition may move.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        let first = String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars.first
        return first.map { $0.properties.canonicalCombiningClass != .notReordered } ?? false
    }

    /// Whether the composition joins a scalar with the piece before it.
    private static func joins(_ scalar: Unicode.Scalar, _ piece: ArraySlice<Unicode.Scalar>) -> Bool {
        compose(piece + [scalar]) != compose(piece) + compose([scalar])
    }

    private static func compose(_ scalars: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        if scalars.count == 1, scalars.first?.isASCII == true { return Array(scalars) }
        // Foundation's own compatibility composition leaves half-width kana and their voiced marks apart.
        let decomposed = String(String.UnicodeScalarView(scalars)).decomposedStringWithCompatibilityMapping
        return Array(decomposed.precomposedStringWithCanonicalMapping.unicodeScalars)
    }
}
