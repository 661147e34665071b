import Foundation
import Testing
import Text

/// Against ids, offsets and texts that Hugging Face's own programs gave.
@Suite struct WordPieceParityTests {
    @Test(arguments: 0..<4)
    func hostileStringsGiveTheReferencesTokens(setting: Int) throws {
        let fixture = try WordPieceGolden.fixture.get()
        let tokenizer = try fixture.tokenizer(fixture.settings[setting])
        #expect(fixture.strings.count == 200)
        for line in fixture.strings {
            let tokens = tokenizer.tokenize(line.text).map { [Int($0.id), $0.range.lowerBound, $0.range.upperBound] }
            #expect(tokens == line.tokens[setting], "\(line.text.debugDescription)")
        }
    }

    @Test func truncationGivesTheReferencesWindows() throws {
        let fixture = try WordPieceGolden.fixture.get()
        let tokenizer = try fixture.tokenizer(fixture.settings[0])
        #expect(fixture.truncations.count > 40)
        for cut in fixture.truncations {
            let options = EncodingOptions(
                maximumLength: cut.maxLength, truncation: try #require(Truncation(rawValue: cut.truncation)),
                stride: cut.stride, keepsOverflow: true)
            let place = "\(cut.text) | \(cut.pair ?? "") \(options)"
            guard let windows = cut.windows else {
                #expect(throws: TextError.self, "\(place)") { try tokenizer.encode(cut.text, pair: cut.pair, options) }
                continue
            }
            let encodings = try tokenizer.encode(cut.text, pair: cut.pair, options)
            #expect(encodings.map(\.ids) == windows.map(\.ids), "\(place)")
            #expect(encodings.map(\.typeIDs) == windows.map(\.types), "\(place)")
            let offsets = encodings.map { $0.tokens.map { [$0?.lowerBound ?? 0, $0?.upperBound ?? 0] } }
            #expect(offsets == windows.map(\.offsets), "\(place)")
        }
    }

    @Test func decodingGivesTheReferencesText() throws {
        let fixture = try WordPieceGolden.fixture.get()
        let tokenizer = try fixture.tokenizer(fixture.settings[0])
        for decoded in fixture.decoded {
            for (text, skips) in [(decoded.text, false), (decoded.withoutSpecials, true)] {
                let ours = try tokenizer.decode(decoded.ids, skippingSpecials: skips)
                #expect(Array(ours.utf8) == Array(text.utf8), "\(decoded.ids)")
            }
        }
    }

    /// A whole vocabulary over whole files, where they are at hand: every token is found again in its text.
    @Test(
        .enabled(if: Self.sharedText != nil, "TROUPE_SHARED_DATA does not name a directory with wikitext-2"),
        .timeLimit(.minutes(1)))
    func tokensOfRunningTextLieInOrder() throws {
        let text = try String(contentsOfFile: #require(Self.sharedText), encoding: .utf8)
        let fixture = try WordPieceGolden.fixture.get()
        let tokenizer = try fixture.tokenizer(fixture.settings[0])
        for line in text.split(separator: "\n") {
            let scalars = line.unicodeScalars.count
            var end = 0
            for token in tokenizer.tokenize(String(line)) {
                #expect(token.range.lowerBound >= end && !token.range.isEmpty && token.range.upperBound <= scalars)
                end = token.range.upperBound
            }
        }
    }

    private static let sharedText: String? = {
        guard let root = ProcessInfo.processInfo.environment["TROUPE_SHARED_DATA"] else { return nil }
        let path = "\(root)/wikitext-2/test.txt"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()
}
