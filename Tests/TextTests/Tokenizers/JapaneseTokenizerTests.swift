import Testing
import Text

@Suite struct JapaneseTokenizerTests {
    private static let pieces = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "こんにちは", "こん", "にちは", "ばんは", "##こん", "##にちは", "##ばんは",
    ]

    private func tokenizer(
        _ pieces: [String] = pieces, _ splitter: any WordSplitting = WhitespaceSplitter(),
        _ settings: JapaneseTokenizer.Settings = .init()
    ) throws -> JapaneseTokenizer {
        let directory = try TemporaryDirectory()
        let path = try directory.write("vocab.txt", pieces.map { "\($0)\n" }.joined())
        return try JapaneseTokenizer(vocabularyPath: path, splitter: splitter, settings: settings)
    }

    private func spelled(_ text: String, _ tokenizer: JapaneseTokenizer) throws -> [String] {
        try tokenizer.tokenize(text).map { tokenizer.piece($0.id) }
    }

    @Test(
        arguments: [
            ("こんばんは", ["こん", "##ばんは"]), ("こんばんにちは", ["[UNK]"]), ("こんにちは", ["こんにちは"]),
            ("こんばんは こんばんにちは　こんにちは", ["こん", "##ばんは", "[UNK]", "こんにちは"]),
            ("こん [MASK]にちは", ["こん", "[MASK]", "にちは"]), ("", []),
        ] as [(String, [String])])
    func wordsAreCutIntoPieces(text: String, expected: [String]) throws {
        #expect(try spelled(text, tokenizer()) == expected)
    }

    @Test func rangesCoverWhatWasComposed() throws {
        let pieces = Array(Self.pieces[..<5]) + ["アップル", "##で", "が", "e", "##é", "メ"]
        let tokens = try tokenizer(pieces).tokenize("x ｱｯﾌﾟﾙで か\u{3099} ㍍")
        #expect(tokens.map(\.range) == [0..<1, 2..<7, 7..<8, 9..<11, 12..<13])
        #expect(tokens.map(\.id) == [1, 5, 6, 7, 1])
        var settings = JapaneseTokenizer.Settings(subwords: .characters)
        let meter = try tokenizer(pieces, WhitespaceSplitter(), settings).tokenize("㍍ﾌﾟ")
        #expect(meter.map(\.range) == [0..<1, 0..<1, 0..<1, 0..<1, 1..<3] && meter[0].id == 10)
        // The second mark passes the first on its way to the letter.
        let marked = try tokenizer(pieces + ["é", "\u{345}"], WhitespaceSplitter(), settings)
        #expect(try marked.tokenize("xe\u{345}\u{301}").map(\.id) == [1, 11, 12])
        #expect(try marked.tokenize("xe\u{345}\u{301}").map(\.range) == [0..<1, 1..<4, 1..<4])
        settings.composes = false
        #expect(try tokenizer(pieces, WhitespaceSplitter(), settings).tokenize("ﾌﾟ").map(\.range) == [0..<1, 1..<2])
    }

    @Test func charactersAreLookedUpOneByOne() throws {
        let pieces = Array(Self.pieces[..<5]) + ["こ", "ん", "に", "ち", "は", "ば", "世", "界", "、", "a", "i̇"]
        let tokenizer = try tokenizer(pieces, WhitespaceSplitter(), .init(subwords: .characters, lowercases: true))
        #expect(try spelled("こんばんは", tokenizer) == ["こ", "ん", "ば", "ん", "は"])
        #expect(try spelled("こんにちは、世 ｙＡ[SEP]", tokenizer).suffix(5) == ["、", "世", "[UNK]", "a", "[SEP]"])
    }

    @Test func splittersAreInjected() throws {
        struct EveryTwo: WordSplitting {
            func words(of text: String) -> [Range<Int>] {
                stride(from: 0, to: text.utf8.count, by: 6).map { $0..<min($0 + 6, text.utf8.count) }
            }
        }
        #expect(try spelled("こんこんこ", tokenizer(Self.pieces, EveryTwo())) == ["こん", "こん", "[UNK]"])
    }

    private static let mecab = Result { () throws(TextError) in try MecabSplitter() }
    private static var hasMecab: Bool { (try? mecab.get()) != nil }

    private func surfaces(_ text: String, _ splitter: MecabSplitter) throws -> [String] {
        try splitter.words(of: text).map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
    }

    @Test(.enabled(if: hasMecab, "the Debian packages libmecab2 and mecab-ipadic-utf8 are not installed"))
    func mecabSplitsLikeTheReference() throws {
        let splitter = try Self.mecab.get()
        let words = ["アップルストア", "で", "iPhone", "8", "が", "発売", "さ", "れ", "た", "。"]
        #expect(try surfaces(" \tアップルストアでiPhone8 が  \n 発売された 。  ", splitter) == words)
        #expect(try surfaces("すもももも\0ももの うち", splitter).joined() == "すもももももものうち")
        #expect(try splitter.words(of: "").isEmpty && splitter.words(of: " \n").isEmpty)

        let pieces = Array(Self.pieces[..<5]) + words
        let text = " \tｱｯﾌﾟﾙストアでiPhone８ が  \n 発売された　。  "
        let tokens = try tokenizer(pieces, splitter).tokenize(text)
        // Half-width kana are composed before they are split; this dictionary then finds two words in them.
        #expect(tokens.suffix(9).map(\.id) == [6, 7, 8, 9, 10, 11, 12, 13, 14])
        let scalars = Array(text.unicodeScalars)
        let places = tokens.map { String(String.UnicodeScalarView(scalars[$0.range])) }
        #expect(places.suffix(9) == ["で", "iPhone", "８", "が", "発売", "さ", "れ", "た", "。"])
    }

    @Test(.enabled(if: hasMecab, "the Debian packages libmecab2 and mecab-ipadic-utf8 are not installed"))
    func aMissingDictionaryIsNamed() throws {
        let error = #expect(throws: TextError.self) { try MecabSplitter(dictionary: "/nowhere/at all") }
        #expect(error?.code == .command && error?.message.contains("/nowhere/at all") == true)
        #expect(error?.message.contains("mecab-ipadic-utf8") == true)
    }

    @Test func aMissingLibraryIsNamed() throws {
        let error = #expect(throws: TextError.self) { try MecabSplitter(library: "libmecab-absent.so.2") }
        #expect(error?.code == .command && error?.message.contains("libmecab-absent.so.2") == true)
        #expect(error?.message.contains("libmecab2 and mecab-ipadic-utf8") == true)
    }

    @Test func directoriesSayWhatWordsAre() throws {
        let directory = try TemporaryDirectory()
        try directory.write("vocab.txt", (Self.pieces + ["ば"]).map { "\($0)\n" }.joined())
        func load(_ settings: String) throws -> [Int32] {
            try directory.write("tokenizer_config.json", settings)
            return try loadTokenizer(directory: directory.path).tokenize("こんばんは").map(\.id)
        }
        #expect(try load(#"{"word_tokenizer_type": "mecab", "do_word_tokenize": false}"#) == [6, 11])
        #expect(
            try load(#"{"word_tokenizer_type": "basic", "subword_tokenizer_type": "character"}"#) == [1, 1, 12, 1, 1])
        for (settings, part) in [
            (#"{"word_tokenizer_type": "sudachi"}"#, "'word_tokenizer_type': expected basic or mecab, got sudachi"),
            (
                #"{"word_tokenizer_type": "mecab", "mecab_kwargs": {"mecab_dic": "unidic"}}"#,
                "expected ipadic, got unidic"
            ),
        ] {
            let error = #expect(throws: TextError.self) { try load(settings) }
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
    }
}
