import Foundation
import Text

/// BERT's tokenizer as its definition reads, step by step over whole strings: slow, and independent of the product's.
struct PlainWordPiece: Tokenizer {
    let vocabulary: [String]
    private let ids: [[UInt8]: Int32]
    private static let specialPieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    init(_ vocabulary: [String]) {
        self.vocabulary = vocabulary
        ids = Dictionary(
            vocabulary.enumerated().map { (Array($1.utf8), Int32($0)) }, uniquingKeysWith: { first, _ in first })
    }

    var vocabularySize: Int { vocabulary.count }
    var specials: SpecialTokens {
        SpecialTokens(padding: 0, unknown: 1, classification: 2, separator: 3, mask: 4)
    }
    var template: EncodingTemplate { .bert }

    func piece(_ id: Int32) -> String { vocabulary[Int(id)] }
    func id(ofPiece piece: String) -> Int32? { ids[Array(piece.utf8)] }
    func decode(_ ids: [Int32], skippingSpecials: Bool) throws(TextError) -> String {
        WordPieces.joined(ids.map { piece($0) })
    }

    /// Tokens whose ranges are exact for text that normalization does not change the length of.
    func tokenize(_ text: String) throws(TextError) -> [Token] {
        var tokens: [Token] = []
        for part in Self.splitAtSpecials(text) {
            if let id = Self.specialPieces.firstIndex(of: part.text) {
                tokens.append(Token(id: Int32(id), range: part.start..<part.start + part.text.unicodeScalars.count))
                continue
            }
            var place = part.start
            for word in Self.basicTokens(part.text, lowercases: true) {
                for (id, length) in pieces(word) {
                    tokens.append(Token(id: id, range: place..<place + length))
                    place += length
                }
            }
        }
        return tokens
    }

    private func pieces(_ word: String) -> [(Int32, Int)] {
        let scalars = Array(word.unicodeScalars)
        guard scalars.count <= 100 else { return [(1, scalars.count)] }
        var result: [(Int32, Int)] = []
        var start = 0
        while start < scalars.count {
            let found = stride(from: scalars.count, to: start, by: -1).lazy.compactMap { end -> (Int32, Int)? in
                let text = String(String.UnicodeScalarView(scalars[start..<end]))
                return id(ofPiece: start == 0 ? text : "##" + text).map { ($0, end - start) }
            }.first
            guard let found else { return [(1, scalars.count)] }
            result.append(found)
            start += found.1
        }
        return result
    }

    private static func splitAtSpecials(_ text: String) -> [(text: String, start: Int)] {
        var parts: [(String, Int)] = []
        let scalars = Array(text.unicodeScalars)
        var start = 0
        var index = 0
        while index < scalars.count {
            let special = specialPieces.first { scalars[index...].starts(with: $0.unicodeScalars) }
            guard let special else {
                index += 1
                continue
            }
            if start < index { parts.append((String(String.UnicodeScalarView(scalars[start..<index])), start)) }
            parts.append((special, index))
            index += special.unicodeScalars.count
            start = index
        }
        if start < scalars.count { parts.append((String(String.UnicodeScalarView(scalars[start...])), start)) }
        return parts
    }

    /// BERT's basic tokenizer.
    static func basicTokens(_ text: String, lowercases: Bool) -> [String] {
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case _ where " \t\r\n".unicodeScalars.contains(scalar): cleaned.append(" ")
            case .spaceSeparator: cleaned.append(" ")
            case .control, .format, .unassigned, .surrogate, .privateUse: continue
            case _ where scalar == "\u{FFFD}": continue
            case _ where isChinese(scalar.value): cleaned += [" ", scalar, " "]
            default: cleaned.append(scalar)
            }
        }
        let lowercase = AlbertText(removesSpace: false, keepsAccents: true)
        var tokens: [String] = []
        let composed = Array(String(cleaned).precomposedStringWithCanonicalMapping.unicodeScalars)
        for word in composed.split(whereSeparator: { $0.properties.isWhitespace || (0x1C...0x1F).contains($0.value) }) {
            var word = String(String.UnicodeScalarView(word))
            if lowercases {
                word = lowercase.preprocess(word).decomposedStringWithCanonicalMapping
                word = String(
                    String.UnicodeScalarView(
                        word.unicodeScalars.filter { $0.properties.generalCategory != .nonspacingMark }))
            }
            tokens += splitAtPunctuation(word)
        }
        return tokens.filter { !$0.isEmpty }
    }

    private static func splitAtPunctuation(_ word: String) -> [String] {
        var result: [String] = []
        var isOpen = false
        for scalar in word.unicodeScalars {
            if isPunctuation(scalar) {
                result.append(String(scalar))
                isOpen = false
            } else if isOpen {
                result[result.count - 1].unicodeScalars.append(scalar)
            } else {
                result.append(String(scalar))
                isOpen = true
            }
        }
        return result
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch (scalar.value, scalar.properties.generalCategory) {
        case (33...47, _), (58...64, _), (91...96, _), (123...126, _): true
        case (_, .connectorPunctuation), (_, .dashPunctuation), (_, .openPunctuation), (_, .closePunctuation),
            (_, .initialPunctuation), (_, .finalPunctuation), (_, .otherPunctuation):
            true
        default: false
        }
    }

    private static func isChinese(_ value: UInt32) -> Bool {
        [
            0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B820...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F,
        ].contains { $0.contains(value) }
    }
}
