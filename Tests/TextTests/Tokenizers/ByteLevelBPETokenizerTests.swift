import Foundation
import Testing
import Text

@Suite struct ByteLevelBPETokenizerTests {
    private struct Fixture: Decodable {
        struct Line: Decodable {
            let text: String
            /// Without and with a space put before the text: id, start and end of each token.
            let tokens: [[[Int]]]
        }
        struct Decoded: Decodable {
            let ids: [Int32]
            let text: String
            let withoutSpecials: String
        }
        let vocabulary: String
        let merges: String
        let strings: [Line]
        let decoded: [Decoded]
    }

    private static let fixture = Result {
        guard
            let url = Bundle.module.url(
                forResource: "byte_level_bpe", withExtension: "json", subdirectory: "Fixtures")
        else { throw CocoaError(.fileNoSuchFile) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Fixture.self, from: Data(contentsOf: url))
    }

    private func tokenizer(addsPrefixSpace: Bool = false) throws -> ByteLevelBPETokenizer {
        let fixture = try Self.fixture.get()
        return try tokenizer(fixture.vocabulary, fixture.merges, addsPrefixSpace: addsPrefixSpace)
    }

    private func tokenizer(
        _ vocabulary: String, _ merges: String, addsPrefixSpace: Bool = false
    ) throws -> ByteLevelBPETokenizer {
        let directory = try TemporaryDirectory()
        return try ByteLevelBPETokenizer(
            vocabularyPath: directory.write("vocab.json", vocabulary),
            mergesPath: directory.write("merges.txt", merges), addsPrefixSpace: addsPrefixSpace)
    }

    @Test(arguments: [false, true])
    func hostileStringsGiveTheReferencesTokens(addsPrefixSpace: Bool) throws {
        let tokenizer = try tokenizer(addsPrefixSpace: addsPrefixSpace)
        for line in try Self.fixture.get().strings {
            let tokens = tokenizer.tokenize(line.text).map { [Int($0.id), $0.range.lowerBound, $0.range.upperBound] }
            #expect(tokens == line.tokens[addsPrefixSpace ? 1 : 0], "\(line.text.debugDescription)")
        }
    }

    @Test func decodingGivesTheReferencesText() throws {
        let tokenizer = try tokenizer()
        for decoded in try Self.fixture.get().decoded {
            for (text, skips) in [(decoded.text, false), (decoded.withoutSpecials, true)] {
                let ours = try tokenizer.decode(decoded.ids, skippingSpecials: skips)
                #expect(Array(ours.utf8) == Array(text.utf8), "\(decoded.ids)")
            }
        }
        #expect(throws: TextError.self) {
            try tokenizer.decode([Int32(tokenizer.vocabularySize)], skippingSpecials: false)
        }
    }

    @Test func decodingUndoesEncoding() throws {
        let tokenizer = try tokenizer()
        for line in try Self.fixture.get().strings where !line.text.contains("<") {
            let text = try tokenizer.decode(tokenizer.tokenize(line.text).map(\.id), skippingSpecials: true)
            #expect(Array(text.utf8) == Array(line.text.utf8), "\(line.text.debugDescription)")
        }
    }

    @Test func specialTokensHaveRobertasIds() throws {
        let tokenizer = try tokenizer()
        #expect(tokenizer.specials == SpecialTokens(padding: 1, unknown: 3, classification: 0, separator: 2, mask: 4))
        #expect(tokenizer.template == .roberta && tokenizer.id(ofPiece: "</s>") == 2 && tokenizer.piece(4) == "<mask>")
        #expect(tokenizer.id(ofPiece: "Ġ").map(tokenizer.piece) == "Ġ" && tokenizer.id(ofPiece: " ") == nil)
    }

    /// A word of over 64 bytes is merged with a heap; both ways must give the same.
    @Test func longWordsAreMergedInTheSameOrder() throws {
        let vocabulary = #"""
            {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "a": 5, "b": 6, "ab": 7, "aa": 8, "aba": 9, "aaab": 10}
            """#
        let tokenizer = try tokenizer(vocabulary, "#version: 0.2\na b\na a\nab a\naa ab\n")
        var generator = SplitMix64(seed: 9)
        for _ in 0..<200 {
            let length = generator.within(1...100)
            let word = String(decoding: (0..<length).map { _ in UInt8(97 + generator.below(3) / 2) }, as: UTF8.self)
            var pieces = word.map { String($0) }
            while true {
                let order = [["a", "b"], ["a", "a"], ["ab", "a"], ["aa", "ab"]]
                let pairs = pieces.indices.dropLast().map { [pieces[$0], pieces[$0 + 1]] }
                guard let pair = order.first(where: pairs.contains), let index = pairs.firstIndex(of: pair) else {
                    break
                }
                pieces.replaceSubrange(index...index + 1, with: [pair[0] + pair[1]])
            }
            #expect(tokenizer.tokenize(word).map { tokenizer.piece($0.id) } == pieces, "\(word)")
        }
        let endless = String(repeating: "a", count: 300_000)
        #expect(tokenizer.tokenize(endless).count == 150_000)
    }

    @Test func bytesOutsideTheVocabularyAreUnknown() throws {
        let vocabulary = #"{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "a": 5, "Ġ": 6, "Ġa": 7}"#
        let tokenizer = try tokenizer(vocabulary, "Ġ a")
        #expect(tokenizer.tokenize("a aba<mask> a").map(\.id) == [5, 7, 3, 5, 4, 7])
        #expect(tokenizer.tokenize("aé").map(\.range) == [0..<1, 1..<2, 1..<2])
    }

    @Test func badFilesAreRefusedWithTheirPlace() throws {
        let specials = #""<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4"#
        for (vocabulary, merges, parts) in [
            ("[]", "", ["vocab.json", "an object"]), ("{\"a\": 0.5}", "", ["'a'", "0.5"]),
            ("{\"a\": 1, \"b\": 1}", "", ["token b", "from 0 to 1"]), ("{\"a\": 0}", "", ["<pad>"]),
            ("{\(specials), \"a\": 5}", "#version: 0.2\na b\n", ["merges.txt:2", "no token b"]),
            ("{\(specials), \"a\": 5, \"b\": 6}", "a b", ["merges.txt:1", "no token ab"]),
            ("{\(specials), \"a\": 5}", "a\n", ["merges.txt:1", "two tokens", "'a'"]),
            ("{\(specials), \"a\": 5}", "a a a\n", ["merges.txt:1", "'a a a'"]),
        ] {
            let error = #expect(throws: TextError.self) { try tokenizer(vocabulary, merges) }
            for part in parts {
                #expect(error?.message.contains(part) == true, "\(error?.message ?? "") lacks \(part)")
            }
        }
    }

    @Test func directoriesAreLoadedWithTheirSettings() throws {
        let fixture = try Self.fixture.get()
        let directory = try TemporaryDirectory()
        try directory.write("vocab.json", fixture.vocabulary)
        try directory.write("merges.txt", fixture.merges)
        try directory.write("tokenizer_config.json", #"{"add_prefix_space": true, "mask_token": "<mask>"}"#)
        let loaded = try loadTokenizer(directory: directory.path)
        #expect(try loaded.tokenize("the a<mask>the") == tokenizer(addsPrefixSpace: true).tokenize("the a<mask>the"))

        let merges = fixture.merges.split(separator: "\n").dropFirst().map { line in
            "[\(line.split(separator: " ").map { Self.quoted(String($0)) }.joined(separator: ","))]"
        }
        let alone = try TemporaryDirectory()
        try alone.write(
            "tokenizer.json",
            """
            {"added_tokens": [], "model": {"type": "BPE", "vocab": \(fixture.vocabulary),
            "merges": [\(merges.joined(separator: ","))]}}
            """)
        let fromPipeline = try loadTokenizer(directory: alone.path)
        #expect(try fromPipeline.tokenize("the a <mask>the") == tokenizer().tokenize("the a <mask>the"))
    }

    private static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
