import Testing
import Text

@Suite struct WordPieceTokenizerTests {
    private static let small = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "want", "##want", "##ed", "wa", "un", "runn", "##ing", ",", "low",
        "lowest", "the", "!", "hello",
    ]

    private func tokenizer(_ settings: WordPieceTokenizer.Settings = .init()) throws -> WordPieceTokenizer {
        try WordPieceTokenizer(pieces: Self.small, name: "test", settings: settings)
    }

    /// A vocabulary of exactly the words wanted, so that pieces are words: what the basic tokenizer makes of a text.
    private func words(_ text: String, among expected: [String]) throws -> [String] {
        let pieces = WordPieceTokenizer.specialPieces + Array(Set(expected)).sorted()
        let tokenizer = try WordPieceTokenizer(pieces: pieces, name: "test")
        return tokenizer.tokenize(text).map { tokenizer.piece($0.id) }
    }

    @Test(arguments: [
        (" \tHeLLo!how  \n Are yoU?  ", "hello ! how are you ?"), ("H\u{E9}llo", "hello"),
        ("ah\u{535A}\u{63A8}zz", "ah \u{535A} \u{63A8} zz"), ("don't $5.99 a_b ~x`", "don ' t $ 5 . 99 a _ b ~ x `"),
        ("na\u{EF}ve cafe\u{301}", "naive cafe"), ("A\u{200B}B", "ab"), ("x\u{A0}y\u{3000}z", "x y z"),
        ("\u{AD} soft", "soft"), ("\u{130}stanbul", "istanbul"), ("\u{FB01}ne", "\u{FB01}ne"),
        ("c\u{F3}vid-19", "covid - 19"), ("\u{2581} x", "\u{2581} x"), ("ab\u{FFFD}cd\u{0}ef", "abcdef"),
        ("\u{BF}Qu\u{E9}?", "\u{BF} que ?"), ("\u{2122}\u{A9}", "\u{2122}\u{A9}"),
    ])
    func textBecomesTheWordsOfTheReference(text: String, expected: String) throws {
        let expected = expected.split(separator: " ").map(String.init)
        #expect(try words(text, among: expected) == expected)
    }

    @Test(
        arguments: [
            ("UNwant\u{E9}d,running", [2, 9, 6, 7, 12, 10, 11, 3]), ("unwantedX running", [2, 1, 10, 11, 3]),
            ("the [MASK] hello!", [2, 15, 4, 17, 16, 3]), ("lowest low lower", [2, 14, 13, 1, 3]),
            (String(repeating: "a", count: 101), [2, 1, 3]), ("", [2, 3]),
        ] as [(String, [Int32])])
    func textBecomesTheIdsOfTheReference(text: String, ids: [Int32]) throws {
        #expect(try tokenizer().encode(text).ids == ids)
    }

    @Test func pairsAreCutAsAskedFor() throws {
        let tokenizer = try tokenizer()
        let short = try tokenizer.encode("the want un", pair: "hello ! the runn", maximumLength: 8)
        #expect(short.ids == [2, 15, 5, 9, 3, 17, 16, 3] && short.typeIDs == [0, 0, 0, 0, 0, 1, 1, 1])
        #expect(short.removedCount == 2 && short.texts == [nil, 0, 0, 0, nil, 1, 1, nil])
        let (first, second) = ("the want un the want", "hello ! the runn the hello the")
        let longest = try tokenizer.encode(first, pair: second, maximumLength: 10)
        #expect(longest.ids == [2, 15, 5, 9, 15, 3, 17, 16, 15, 3])
        let onlySecond = try tokenizer.encode(first, pair: second, maximumLength: 10, truncation: .onlySecond)
        #expect(onlySecond.ids == [2, 15, 5, 9, 15, 5, 3, 17, 16, 3])
        let error = #expect(throws: TextError.self) {
            try tokenizer.encode(first, pair: second, maximumLength: 10, truncation: .onlyFirst)
        }
        #expect(error?.message.contains("15 tokens is longer than 10") == true)
        #expect(throws: TextError.self) { try tokenizer.encode(first, maximumLength: 6, truncation: .none) }
    }

    /// Ranges count characters of the text as it was given.
    @Test func rangesPointIntoTheOriginalText() throws {
        let text = "  UNwante\u{301}d,\u{200B}  running [MASK]"
        let tokens = try tokenizer().tokenize(text)
        let scalars = Array(text.unicodeScalars)
        let parts = tokens.map { String(String.UnicodeScalarView(scalars[$0.range])) }
        #expect(parts == ["UN", "want", "e\u{301}d", ",", "runn", "ing", "[MASK]"])
    }

    @Test func wordsAreTakenAsTheyAreOnRequest() throws {
        var settings = WordPieceTokenizer.Settings()
        settings.takesWordsAsTheyAre = true
        let tokenizer = try tokenizer(settings)
        #expect(try tokenizer.encode("hello [MASK] the , unwanted").ids == [2, 17, 4, 15, 12, 9, 6, 7, 3])
        #expect(try tokenizer.encode("Hello").ids == [2, 1, 3])
        #expect(try tokenizer.decode([2, 9, 6, 7, 12, 3], skippingSpecials: false) == "[CLS] unwanted, [SEP]")
        #expect(try tokenizer.decode([2, 9, 6, 7, 12, 3], skippingSpecials: true) == "unwanted,")
        #expect(throws: TextError.self) { try tokenizer.decode([18], skippingSpecials: true) }
    }

    @Test func aVocabularyWithoutItsSpecialTokensIsRefused() throws {
        let error = #expect(throws: TextError.self) {
            try WordPieceTokenizer(pieces: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"], name: "v.txt")
        }
        #expect(error?.message == "v.txt: the vocabulary of 5 tokens has no [MASK], which BERT needs")
    }
}
