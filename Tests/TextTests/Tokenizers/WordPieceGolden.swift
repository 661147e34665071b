import Foundation
import Text

/// The vocabulary of the worked examples, and the fixture that `scripts/goldens/wordpiece.py` writes.
enum WordPieceGolden {
    static let pieces = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "want", "##want", "##ed", "wa", "un", "runn", "##ing", ",", "low",
        "lowest", "the", "!", "hello",
    ]

    static func tokenizer() throws -> WordPieceTokenizer {
        try WordPieceTokenizer(
            vocabulary: WordPieceVocabulary(tokens: pieces.map { Array($0.utf8) }, name: "test"), name: "test")
    }

    struct Fixture: Decodable {
        struct Settings: Decodable {
            let doLowerCase: Bool
            let stripAccents: Bool?
            let tokenizeChineseChars: Bool
        }
        struct Line: Decodable {
            let text: String
            /// For every one of the settings: id, start and end of each token.
            let tokens: [[[Int]]]
        }
        struct Window: Decodable {
            let ids: [Int32]
            let types: [Int32]
            let offsets: [[Int]]
        }
        struct Cut: Decodable {
            let text: String
            let pair: String?
            let truncation: String
            let maxLength: Int
            let stride: Int
            /// Nil where the reference gives up.
            let windows: [Window]?
        }
        struct Decoded: Decodable {
            let ids: [Int32]
            let text: String
            let withoutSpecials: String
        }
        let vocabulary: [String]
        let settings: [Settings]
        let strings: [Line]
        let truncations: [Cut]
        let decoded: [Decoded]

        func tokenizer(_ settings: Settings) throws -> WordPieceTokenizer {
            try WordPieceTokenizer(
                vocabulary: WordPieceVocabulary(tokens: vocabulary.map { Array($0.utf8) }, name: "fixture"),
                name: "fixture",
                settings: WordPieceSettings(
                    lowercases: settings.doLowerCase, stripsAccents: settings.stripAccents,
                    splitsChinese: settings.tokenizeChineseChars))
        }
    }

    static let fixture = Result {
        guard let url = Bundle.module.url(forResource: "wordpiece", withExtension: "json", subdirectory: "Fixtures")
        else { throw CocoaError(.fileNoSuchFile) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Fixture.self, from: Data(contentsOf: url))
    }
}
