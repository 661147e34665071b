/// Text on its way from what was written to what is looked up: scalars, and for each of them the place of the scalar
/// of the original that it comes from.
struct NormalizedText {
    /// What the text became.
    var scalars: [Unicode.Scalar] = []
    /// Where each scalar comes from, never falling.
    var origins: [Int] = []

    mutating func removeAll() {
        scalars.removeAll(keepingCapacity: true)
        origins.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func append(_ scalar: Unicode.Scalar, _ origin: Int) {
        scalars.append(scalar)
        origins.append(origin)
    }
}

/// The steps before a text is cut into words, in the order of the Rust `tokenizers`: clean, set Chinese characters
/// apart, strip accents, lower-case. Each works on the whole text before the next begins.
struct BertNormalization: Sendable {
    /// What is to be done.
    let settings: WordPieceSettings

    /// Appends the normalized form of valid UTF-8, whose first scalar is number `firstScalar` of the original, and
    /// returns the number of scalars read.
    func normalize(
        _ text: Span<UInt8>, in range: Range<Int>, firstScalar: Int, into result: inout NormalizedText
    ) -> Int {
        result.removeAll()
        var position = range.lowerBound
        var origin = firstScalar
        var kinds: BertScalar = []
        while position < range.upperBound {
            let (scalar, length) = UTF8Text.scalar(in: text, at: position)
            let kind = BertScalar.of(scalar)
            kinds.formUnion(kind)
            if settings.isSplitByWhitespace {
                result.append(scalar, origin)
            } else if kind.contains(.space) {
                result.append(" ", origin)
            } else if kind.contains(.chinese) && settings.splitsChinese {
                result.append(" ", origin)
                result.append(scalar, origin)
                result.append(" ", origin)
            } else if !kind.contains(.dropped) {
                result.append(scalar, origin)
            }
            position += length
            origin += 1
        }
        if !settings.isSplitByWhitespace {
            if settings.dropsMarks {
                if !kinds.isDisjoint(with: [.decomposes, .combining]) { Self.decompose(&result) }
                if !kinds.isDisjoint(with: [.decomposes, .mark]) { Self.dropMarks(&result) }
            }
            if settings.lowercases { Self.lowercase(&result) }
        }
        return origin - firstScalar
    }

    /// A mark that waits for its place in a decomposed text.
    private struct Mark {
        let scalar: Unicode.Scalar
        let combiningClass: UInt8
        let beginsDecomposition: Bool
    }

    /// The canonical decomposition (NFD). Where marks change places the origins do not follow them: the reference
    /// hands origins out in the order of the result, one to each scalar that begins a decomposition, and so do we.
    private static func decompose(_ text: inout NormalizedText) {
        var result = NormalizedText()
        result.scalars.reserveCapacity(text.scalars.count * 2)
        result.origins.reserveCapacity(text.scalars.count * 2)
        var marks: [Mark] = []
        var taken = 0
        for scalar in text.scalars {
            let kind = BertScalar.of(scalar)
            if kind.isDisjoint(with: [.decomposes, .combining]) {
                flush(&marks, text, &taken, into: &result)
                result.append(scalar, text.origins[taken])
                taken += 1
                continue
            }
            var isFirst = true
            BertMappings.forEachDecomposed(scalar, kind) { part in
                if BertScalar.of(part).contains(.combining) {
                    marks.append(
                        Mark(scalar: part, combiningClass: part.combiningClass, beginsDecomposition: isFirst))
                } else {
                    flush(&marks, text, &taken, into: &result)
                    if isFirst { taken += 1 }
                    result.append(part, text.origins[max(taken - 1, 0)])
                }
                isFirst = false
            }
        }
        flush(&marks, text, &taken, into: &result)
        text = result
    }

    /// Appends the waiting marks by combining class; within a class the order stays.
    @inline(__always)
    private static func flush(
        _ marks: inout [Mark], _ text: NormalizedText, _ taken: inout Int, into result: inout NormalizedText
    ) {
        guard !marks.isEmpty else { return }
        if marks.count > 1 {
            marks = marks.enumerated().sorted {
                ($0.element.combiningClass, $0.offset) < ($1.element.combiningClass, $1.offset)
            }.map(\.element)
        }
        for mark in marks {
            if mark.beginsDecomposition { taken += 1 }
            result.append(mark.scalar, text.origins[max(taken - 1, 0)])
        }
        marks.removeAll(keepingCapacity: true)
    }

    private static func dropMarks(_ text: inout NormalizedText) {
        var kept = 0
        for index in text.scalars.indices where !BertScalar.of(text.scalars[index]).contains(.mark) {
            text.scalars[kept] = text.scalars[index]
            text.origins[kept] = text.origins[index]
            kept += 1
        }
        text.scalars.removeLast(text.scalars.count - kept)
        text.origins.removeLast(text.origins.count - kept)
    }

    /// Scalar by scalar, so a capital sigma never becomes a final one.
    private static func lowercase(_ text: inout NormalizedText) {
        var longer: NormalizedText?
        for index in text.scalars.indices {
            let scalar = text.scalars[index]
            let lower = BertScalar.of(scalar).contains(.changesCase) ? BertMappings.lowercase(scalar) : scalar
            if let lower {
                if longer == nil { text.scalars[index] = lower } else { longer?.append(lower, text.origins[index]) }
                continue
            }
            if longer == nil {
                longer = NormalizedText(
                    scalars: Array(text.scalars[..<index]), origins: Array(text.origins[..<index]))
            }
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                longer?.append(lower, text.origins[index])
            }
        }
        if let longer { text = longer }
    }
}
