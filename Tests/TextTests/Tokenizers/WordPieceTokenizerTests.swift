import Foundation
import Testing
import Text

@Suite struct WordPieceTokenizerTests {
    /// The basic tokenizer's worked examples, lower-casing: a text and the words it becomes.
    static let words: [(String, [String])] = [
        (" \tHeLLo!how  \n Are yoU?  ", ["hello", "!", "how", "are", "you", "?"]), ("Héllo", ["hello"]),
        ("ah博推zz", ["ah", "博", "推", "zz"]),
        (
            "don't $5.99 a_b ~x`",
            ["don", "'", "t", "$", "5", ".", "99", "a", "_", "b", "~", "x", "`"]
        ), ("naïve cafe\u{301}", ["naive", "cafe"]), ("A\u{200B}B", ["ab"]), ("x\u{A0}y\u{3000}z", ["x", "y", "z"]),
        ("\u{AD} soft", ["soft"]), ("İstanbul", ["istanbul"]), ("ﬁne", ["ﬁne"]),
        ("「日本」テスト", ["「", "日", "本", "」", "テスト"]), ("cóvid-19", ["covid", "-", "19"]), ("▁ x", ["▁", "x"]),
        ("ab\u{FFFD}cd\u{0}ef", ["abcdef"]), ("¿Qué?", ["¿", "que", "?"]), ("™©", ["™©"]),
        ("한국어 カナ", ["한국어", "カナ"].map(\.decomposed)), ("a\u{2028}b\u{85}c", ["a", "bc"]),
        ("ΑΣ", ["ασ"]), ("≮", ["<"]), ("", []), (" \u{200B} ", []),
    ]

    @Test(arguments: words)
    func splitsIntoWords(text: String, words: [String]) throws {
        // A vocabulary of exactly the expected words: a word that is split or changed otherwise is unknown.
        let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words
        let tokenizer = try makeTokenizer(pieces)
        #expect(
            tokenizer.tokenize(text).map { tokenizer.piece($0.id) }.map { Array($0.utf8) }
                == words.map { Array($0.utf8) })
    }

    @Test(
        arguments: [
            ("UNwantéd,running", [2, 9, 6, 7, 12, 10, 11, 3]), ("unwantedX running", [2, 1, 10, 11, 3]),
            ("the [MASK] hello!", [2, 15, 4, 17, 16, 3]), ("lowest low lower", [2, 14, 13, 1, 3]),
            (String(repeating: "a", count: 101), [2, 1, 3]), ("", [2, 3]),
        ] as [(String, [Int32])])
    func cutsWordsIntoTheLongestPieces(text: String, ids: [Int32]) throws {
        #expect(try WordPieceGolden.tokenizer().encode(text).map(\.ids) == [ids])
    }

    @Test func placesCountScalarsOfTheOriginalText() throws {
        let tokens = try WordPieceGolden.tokenizer().tokenize("日e\u{301} UNwante\u{301}d\u{200B},[MASK]running")
        #expect(
            tokens == [
                Token(id: 1, range: 0..<1), Token(id: 1, range: 1..<2), Token(id: 9, range: 4..<6),
                Token(id: 6, range: 6..<10), Token(id: 7, range: 10..<13), Token(id: 12, range: 14..<15),
                Token(id: 4, range: 15..<21), Token(id: 10, range: 21..<25), Token(id: 11, range: 25..<28),
            ])
    }

    @Test func wordsOverTheLimitAreUnknown() throws {
        let pieces = WordPieceGolden.pieces + ["a", "##a"]
        for (limit, count, isKnown) in [(100, 100, true), (100, 101, false), (200, 200, true), (200, 201, false)] {
            for letter in ["a", "á", "a\u{301}"] {
                let tokens = try makeTokenizer(pieces, WordPieceSettings(wordLimit: limit))
                    .tokenize(String(repeating: letter, count: count))
                #expect(tokens.count == (isKnown ? count : 1), "\(count) times \(letter) under \(limit)")
                #expect(tokens[0].id == (isKnown ? 18 : 1))
            }
        }
    }

    @Test func settingsSwitchStepsOff() throws {
        func pieces(_ text: String, _ vocabulary: [String], _ settings: WordPieceSettings) throws -> [String] {
            let tokenizer = try makeTokenizer(WordPieceGolden.pieces + vocabulary, settings)
            return tokenizer.tokenize(text).map { tokenizer.piece($0.id) }
        }
        #expect(try pieces("Élan", ["Élan"], WordPieceSettings(lowercases: false)) == ["Élan"])
        #expect(try pieces("Élan", ["Elan"], WordPieceSettings(lowercases: false, stripsAccents: true)) == ["Elan"])
        #expect(try pieces("Élan", ["élan"], WordPieceSettings(stripsAccents: false)) == ["élan"])
        #expect(try pieces("日本", ["日本"], WordPieceSettings(splitsChinese: false)) == ["日本"])
        #expect(try pieces("日本", ["日", "本"], WordPieceSettings()) == ["日", "本"])
    }

    @Test func textThatIsSplitAlreadyIsLookedUpAsItStands() throws {
        let settings = WordPieceSettings(isSplitByWhitespace: true)
        let tokenizer = try makeTokenizer(WordPieceGolden.pieces + ["##x", "Don't", "é"], settings)
        #expect(
            try tokenizer.encode("hello [MASK] the , unwanted").map(\.ids) == [[2, 17, 4, 15, 12, 9, 6, 7, 3]])
        #expect(
            tokenizer.tokenize("Don't\u{3000}##x\u{1C}Hello é e\u{301}").map { tokenizer.piece($0.id) }
                == ["Don't", "##x", "[UNK]", "é", "[UNK]"])
        let slide = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "こんにちは", "こん", "##ばんは", "##にちは"]
        let japanese = try makeTokenizer(slide, settings)
        #expect(japanese.tokenize("こんばんは").map(\.id) == [6, 7])
        #expect(japanese.tokenize("こんばんにちは").map(\.id) == [1])
    }

    @Test func decodingJoinsPiecesAndTightensSpaces() throws {
        let tokenizer = try WordPieceGolden.tokenizer()
        #expect(try tokenizer.decode([2, 9, 6, 7, 12, 3], skippingSpecials: false) == "[CLS] unwanted, [SEP]")
        #expect(try tokenizer.decode([2, 9, 6, 7, 12, 3], skippingSpecials: true) == "unwanted,")
        #expect(try tokenizer.decode([11, 11], skippingSpecials: true) == "##inging")
        for id: Int32 in [-1, 18] {
            #expect(throws: TextError.self) { try tokenizer.decode([id], skippingSpecials: false) }
        }
    }

    @Test func addedTokensFollowTheirRules() throws {
        let added = [
            AddedToken(id: 18, content: "<x>", takesSpaceBefore: true, takesSpaceAfter: true),
            AddedToken(id: 19, content: "low", isSingleWord: true),
            AddedToken(id: 20, content: "Wánt", isNormalized: true, isSpecial: false),
            AddedToken(id: 21, content: "<x><x>"),
        ]
        let vocabulary = try WordPieceVocabulary(tokens: WordPieceGolden.pieces.map { Array($0.utf8) }, name: "test")
        let tokenizer = try WordPieceTokenizer(vocabulary: vocabulary, name: "test", addedTokens: added)
        #expect(tokenizer.vocabularySize == 22)
        #expect(tokenizer.piece(20) == "Wánt" && tokenizer.id(ofPiece: "<x>") == 18)
        #expect(
            tokenizer.tokenize("the \u{3000}<x>  hello").map { [Int($0.id), $0.range.lowerBound, $0.range.upperBound] }
                == [[15, 0, 3], [18, 3, 10], [17, 10, 15]])
        #expect(tokenizer.tokenize("<x><x><x>").map(\.id) == [21, 18])
        #expect(tokenizer.tokenize("low lowest é,low").map(\.id) == [19, 14, 1, 12, 19])
        #expect(tokenizer.tokenize("a WÁNT!").map(\.id) == [1, 20, 16])
        #expect(try tokenizer.decode([15, 18, 20], skippingSpecials: true) == "the Wánt")
    }

    @Test func equalLookingTokensAreDifferentTokens() throws {
        let tokenizer = try makeTokenizer(
            WordPieceGolden.pieces + ["é", "e\u{301}"], WordPieceSettings(lowercases: false))
        #expect(tokenizer.tokenize("é e\u{301}").map(\.id) == [18, 19])
        #expect(tokenizer.id(ofPiece: "é") == 18 && tokenizer.id(ofPiece: "e\u{301}") == 19)
        #expect(tokenizer.id(ofPiece: "nowhere") == nil)
    }

    @Test(.timeLimit(.minutes(1))) func threadsDoNotChangeTheTokens() throws {
        let tokenizer = try WordPieceGolden.tokenizer()
        let texts = (0..<2000).map { "the lowest \($0) Héllo, unwanted 日本" }
        let alone = texts.map { tokenizer.tokenize($0) }
        #expect(try tokenizer.tokenize(texts, threads: 4) == alone)
        #expect(try tokenizer.tokenize(texts, threads: 1) == alone)
    }

    private func makeTokenizer(
        _ pieces: [String], _ settings: WordPieceSettings = WordPieceSettings()
    ) throws -> WordPieceTokenizer {
        try WordPieceTokenizer(
            vocabulary: WordPieceVocabulary(tokens: pieces.map { Array($0.utf8) }, name: "test"), name: "test",
            settings: settings)
    }
}

extension String {
    /// NFD, spelled out so that the test does not depend on how the source file is normalized.
    fileprivate var decomposed: String { decomposedStringWithCanonicalMapping }
}
