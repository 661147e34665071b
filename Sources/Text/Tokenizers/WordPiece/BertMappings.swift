/// Decompositions and lower cases of the basic plane, in tables that are made when the first text needs them: Unicode's
/// own properties are too slow to ask for every character.
enum BertMappings {
    /// Where the decomposition of a scalar stands: from `starts[scalar]` to the next start.
    private struct Decompositions {
        var starts: [UInt16] = []
        var scalars: [Unicode.Scalar] = []

        init() {
            starts.reserveCapacity(0x10001)
            for value in UInt32(0)..<0x10000 {
                starts.append(UInt16(scalars.count))
                guard let scalar = Unicode.Scalar(value), !(0xAC00...0xD7A3).contains(value) else { continue }
                if BertScalar.of(scalar).contains(.decomposes) { scalars += scalar.canonicalDecomposition }
            }
            starts.append(UInt16(scalars.count))
        }
    }

    private static let decompositions = Decompositions()

    /// One lower case for each scalar, 0 where it has several.
    private static let lowercases: [UInt16] = (UInt32(0)..<0x10000).map { value in
        guard let scalar = Unicode.Scalar(value), BertScalar.of(scalar).contains(.changesCase) else {
            return UInt16(value)
        }
        let mapping = scalar.properties.lowercaseMapping.unicodeScalars
        return mapping.count == 1 ? mapping.first.flatMap { UInt16(exactly: $0.value) } ?? 0 : 0
    }

    /// Passes the canonical decomposition of a scalar on, in order.
    @inline(__always)
    static func forEachDecomposed(_ scalar: Unicode.Scalar, _ kind: BertScalar, _ body: (Unicode.Scalar) -> Void) {
        let value = Int(scalar.value)
        if !kind.contains(.decomposes) {
            body(scalar)
        } else if value > 0xFFFF || (0xAC00...0xD7A3).contains(value) {
            for part in scalar.canonicalDecomposition { body(part) }
        } else {
            let table = decompositions
            for index in table.starts[value]..<table.starts[value + 1] { body(table.scalars[Int(index)]) }
        }
    }

    /// The lower case of a scalar that has another one; nil if it is several scalars.
    @inline(__always)
    static func lowercase(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        if scalar.value <= 0xFFFF {
            let lower = lowercases[Int(scalar.value)]
            return lower == 0 ? nil : Unicode.Scalar(lower)
        }
        let mapping = scalar.properties.lowercaseMapping.unicodeScalars
        return mapping.count == 1 ? mapping.first : nil
    }
}
