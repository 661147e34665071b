/// The normalization that a SentencePiece model carries, done once more beside the library's own in order to know
/// where every scalar comes from, which the library does not tell: it gives deleted characters and spaces to their
/// neighbours. The steps are those of the library's `Normalizer`.
struct SentencePieceNormalizer: Sendable {
    private static let underline: Unicode.Scalar = "\u{2581}"

    private var addsPrefix = true
    private var removesExtraSpaces = true
    private var escapesSpaces = true
    private var rules: CharacterRules?
    /// Symbols that the model takes as they are, longest first.
    private var symbols: [[Unicode.Scalar]] = []
    /// ASCII characters that stay as they are if another follows.
    private var isPlain = [Bool](repeating: false, count: 128)

    /// Reads a serialized `ModelProto`: `pieces` = 1, `normalizer_spec` = 3. The library has accepted it before.
    init(model: [UInt8]) {
        var fields = ProtocolBuffer(model[...])
        while let (field, value) = fields.next() {
            guard case .bytes(let bytes) = value else { continue }
            if field == 1, let symbol = Self.userDefinedSymbol(bytes) { symbols.append(symbol) }
            if field == 3 { readSpecification(bytes) }
        }
        symbols.sort { $0.count > $1.count }
        for byte in UInt8(0)..<128 where byte != 0x20 {
            let scalar = Unicode.Scalar(byte)
            isPlain[Int(byte)] =
                rules?.concernsASCII(after: byte) != true && !symbols.contains { $0.count > 1 && $0.first == scalar }
        }
    }

    private mutating func readSpecification(_ bytes: ArraySlice<UInt8>) {
        var fields = ProtocolBuffer(bytes)
        while let (field, value) = fields.next() {
            switch (field, value) {
            case (2, .bytes(let map)): rules = CharacterRules(map)
            case (3, .number(let flag)): addsPrefix = flag != 0
            case (4, .number(let flag)): removesExtraSpaces = flag != 0
            case (5, .number(let flag)): escapesSpaces = flag != 0
            default: break
            }
        }
    }

    /// The text of a piece (`piece` = 1, `type` = 3) that is a user-defined symbol.
    private static func userDefinedSymbol(_ piece: ArraySlice<UInt8>) -> [Unicode.Scalar]? {
        let userDefined: UInt64 = 4
        var fields = ProtocolBuffer(piece)
        var text: ArraySlice<UInt8> = []
        var type: UInt64 = 1
        while let (field, value) = fields.next() {
            switch (field, value) {
            case (1, .bytes(let bytes)): text = bytes
            case (3, .number(let number)): type = number
            default: break
            }
        }
        return type == userDefined ? Array(String(decoding: text, as: UTF8.self).unicodeScalars) : nil
    }

    /// The scalars that the model segments. An underline that stands for a space, or for none, comes from the scalar
    /// behind it; scalars that replace others come from these one by one, the last taking what is left.
    func normalize(_ text: NormalizedText) -> NormalizedText {
        var result = NormalizedText()
        let space = escapesSpaces ? Self.underline : " "
        let scalars = text.scalars
        var bytes: [UInt8] = []
        for scalar in scalars { UTF8Text.append(scalar, to: &bytes) }
        var position = 0
        var byte = 0
        var followsSpace = removesExtraSpaces
        while position < scalars.count {
            let scalar = scalars[position].value
            if scalar < 128 && isPlain[Int(scalar)] && position + 1 < scalars.count && scalars[position + 1].isASCII {
                if result.scalars.isEmpty && addsPrefix { result.append(space, text.origins[position]) }
                result.append(scalars[position], text.origins[position])
                followsSpace = false
                position += 1
                byte += 1
                continue
            }
            let length: Int
            let replacement: [Unicode.Scalar]
            if let symbol = symbol(in: scalars, at: position) {
                (length, replacement) = (symbol.count, symbol)
            } else {
                let rule = rules?.longest(in: bytes, at: byte)
                (length, replacement) = (rule?.scalars ?? 1, rule?.replacement ?? [scalars[position]])
            }
            let kept = replacement.drop { followsSpace && $0 == " " }
            if result.scalars.isEmpty && addsPrefix && !kept.isEmpty { result.append(space, text.origins[position]) }
            for index in kept.indices {
                let scalar = kept[index] == " " ? space : kept[index]
                result.append(scalar, text.origins[position + min(index, length - 1)])
            }
            if let last = kept.last { followsSpace = removesExtraSpaces && last == " " }
            for scalar in scalars[position..<position + length] { byte += UTF8.width(scalar) }
            position += length
        }
        if removesExtraSpaces {
            while result.scalars.last == space {
                result.scalars.removeLast()
                result.origins.removeLast()
            }
        }
        for index in result.scalars.indices.dropLast().reversed() where result.scalars[index] == space {
            result.origins[index] = result.origins[index + 1]
        }
        return result
    }

    private func symbol(in scalars: [Unicode.Scalar], at position: Int) -> [Unicode.Scalar]? {
        symbols.first { symbol in symbol.first == scalars[position] && scalars[position...].starts(with: symbol) }
    }
}

/// The compiled rules of a model's normalization: what is written, in a double array, and what it becomes.
private struct CharacterRules: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    /// Reads a `precompiled_charsmap`: the size of the array in bytes, the array, and NUL-terminated replacements, all
    /// little-endian. Nil if there are no rules in it.
    init?(_ map: ArraySlice<UInt8>) {
        func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
        guard map.count > 4 else { return nil }
        let size = Int(number(map.prefix(4)))
        guard size >= 4, size % 4 == 0, size <= map.count - 4 else { return nil }
        let array = map.dropFirst(4).prefix(size)
        units = stride(from: array.startIndex, to: array.endIndex, by: 4).map { number(array[$0..<$0 + 4]) }
        replacements = Array(map.dropFirst(4 + size))
    }

    /// The longest rule that begins at a byte of the text: the scalars that it takes and what they become.
    func longest(in text: [UInt8], at start: Int) -> (scalars: Int, replacement: [Unicode.Scalar])? {
        var node = 0
        var scalars = 0
        var match: (scalars: Int, offset: Int)?
        guard let root = unit(0) else { return nil }
        node ^= Self.offset(root)
        for position in start..<text.count {
            let byte = text[position]
            node ^= Int(byte)
            guard let unit = unit(node), unit & 0x8000_00FF == UInt32(byte) else { break }
            if byte & 0xC0 != 0x80 { scalars += 1 }
            node ^= Self.offset(unit)
            if unit & 0x100 != 0, let leaf = self.unit(node) { match = (scalars, Int(leaf & 0x7FFF_FFFF)) }
        }
        guard let match, match.offset <= replacements.count else { return nil }
        let replacement = replacements[match.offset...].prefix { $0 != 0 }
        return (match.scalars, Array(String(decoding: replacement, as: UTF8.self).unicodeScalars))
    }

    /// Whether any rule begins with this ASCII character and goes on with none or another.
    func concernsASCII(after byte: UInt8) -> Bool {
        guard let root = unit(0) else { return false }
        let node = Self.offset(root) ^ Int(byte)
        guard let unit = unit(node), unit & 0x8000_00FF == UInt32(byte) else { return false }
        let children = node ^ Self.offset(unit)
        return unit & 0x100 != 0
            || (UInt8(1)..<128).contains { next in
                self.unit(children ^ Int(next)).map { $0 & 0x8000_00FF == UInt32(next) } ?? false
            }
    }

    private func unit(_ index: Int) -> UInt32? { units.indices.contains(index) ? units[index] : nil }

    private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
