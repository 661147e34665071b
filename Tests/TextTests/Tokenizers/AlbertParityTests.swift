import Foundation
import Testing
import Text

/// Against ids of `sentencepiece` and offsets and texts of Hugging Face's `tokenizers`.
@Suite struct AlbertParityTests {
    private struct Fixture: Decodable {
        struct Settings: Decodable {
            let doLowerCase: Bool
            let keepAccents: Bool
            let removeSpace: Bool
        }
        struct Line: Decodable {
            let text: String
            let ids: [Int32]
            /// Nil where the reference normalizes otherwise.
            let offsets: [[Int]]?
        }
        struct Decoded: Decodable {
            let ids: [Int32]
            let text: String
            let withoutSpecials: String
        }
        struct Case: Decodable {
            let settings: Settings
            let strings: [Line]
            let decoded: [Decoded]
        }
        /// Text, score and type of each.
        let pieces: [[String]]
        let cases: [Case]

        func tokenizer(_ settings: Settings) throws -> SentencePieceTokenizer {
            let preprocessing = AlbertText(
                doLowerCase: settings.doLowerCase, keepAccents: settings.keepAccents, removeSpace: settings.removeSpace)
            return try SentencePieceTokenizer(
                modelBytes: ModelBytes(pieces: pieces).bytes, preprocessing: preprocessing,
                addedTokens: SpecialTokens.albertPieces.enumerated().map { id, content in
                    AddedToken(id: Int32(id), content: content, takesSpaceBefore: content == "[MASK]")
                })
        }
    }

    private static let fixture = Result {
        guard let url = Bundle.module.url(forResource: "albert", withExtension: "json", subdirectory: "Fixtures")
        else { throw CocoaError(.fileNoSuchFile) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Fixture.self, from: Data(contentsOf: url))
    }

    @Test(arguments: 0..<2)
    func hostileStringsGiveTheReferencesTokens(number: Int) throws {
        let fixture = try Self.fixture.get()
        let example = fixture.cases[number]
        let tokenizer = try fixture.tokenizer(example.settings)
        #expect(example.strings.count == 120 && example.strings.count { $0.offsets != nil } >= 40)
        for line in example.strings {
            let tokens = try tokenizer.tokenize(line.text)
            #expect(tokens.map(\.id) == line.ids, "\(line.text.debugDescription)")
            guard let offsets = line.offsets else { continue }
            let places = tokens.map { [$0.range.lowerBound, $0.range.upperBound] }
            #expect(places == offsets, "\(line.text.debugDescription)")
        }
    }

    @Test(arguments: 0..<2)
    func idsAloneAreTheSame(number: Int) throws {
        let fixture = try Self.fixture.get()
        let tokenizer = try fixture.tokenizer(fixture.cases[number].settings)
        for line in fixture.cases[number].strings where !line.text.contains("[") && !line.text.contains("<") {
            #expect(try tokenizer.encode(line.text) == line.ids, "\(line.text.debugDescription)")
        }
    }

    @Test(arguments: 0..<2)
    func decodingGivesTheReferencesText(number: Int) throws {
        let fixture = try Self.fixture.get()
        let example = fixture.cases[number]
        let tokenizer = try fixture.tokenizer(example.settings)
        for decoded in example.decoded {
            for (text, skips) in [(decoded.text, false), (decoded.withoutSpecials, true)] {
                let ours = try tokenizer.decode(decoded.ids, skippingSpecials: skips)
                #expect(Array(ours.utf8) == Array(text.utf8), "\(decoded.ids)")
            }
        }
    }
}

/// A serialized SentencePiece model of given pieces, with the trainer's own normalization rules.
private struct ModelBytes {
    private(set) var bytes: [UInt8] = []

    init(pieces: [[String]]) throws {
        for piece in pieces {
            let bits = (Float(piece[1]) ?? 0).bitPattern
            let score = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) }
            let text = Array(piece[0].utf8)
            let message = [0x0A] + Self.varint(text.count) + text + [0x15] + score + [0x18, UInt8(piece[2]) ?? 1]
            bytes += [0x0A] + Self.varint(message.count) + message
        }
        // What is no piece, field 1, is taken from a trained model; all fields of a model are length-delimited.
        var rest = try Golden.train(vocabularySize: 60).model[...]
        while let key = rest.first {
            let field = rest
            rest = rest.dropFirst()
            var (length, shift) = (0, 0)
            while let byte = rest.popFirst() {
                length |= Int(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            rest = rest.dropFirst(length)
            if key != 0x0A { bytes += field[..<rest.startIndex] }
        }
    }

    private static func varint(_ value: Int) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
    }
}
