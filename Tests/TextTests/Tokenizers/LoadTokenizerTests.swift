import Testing
import Text

@Suite struct LoadTokenizerTests {
    private let vocabulary = WordPieceGolden.pieces.joined(separator: "\n") + "\n"

    /// A `tokenizer.json` over the golden vocabulary, whose parts may be replaced.
    private func pipeline(
        normalizer: String = #"{"type": "BertNormalizer", "lowercase": false, "strip_accents": null}"#,
        model: String? = nil, added: String = "[]"
    ) -> String {
        let tokens = WordPieceGolden.pieces.enumerated().map { #""\#($1)": \#($0)"# }.joined(separator: ",\n")
        let model = model ?? #"{"type": "WordPiece", "max_input_chars_per_word": 6, "vocab": {\#(tokens)}}"#
        return """
            {"added_tokens": \(added), "normalizer": \(normalizer), "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": \(model)}
            """
    }

    private func ids(_ directory: TemporaryDirectory, _ text: String) throws -> [Int32] {
        try loadTokenizer(directory: directory.path).tokenize(text).map(\.id)
    }

    @Test(arguments: ["\n", "\r\n"])
    func vocabularyAloneIsUncasedBert(lineEnd: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write("vocab.txt", WordPieceGolden.pieces.joined(separator: lineEnd))
        let tokenizer = try loadTokenizer(directory: directory.path)
        #expect(tokenizer.vocabularySize == 18 && tokenizer.template == .bert)
        #expect(tokenizer.specials == SpecialTokens(padding: 0, unknown: 1, classification: 2, separator: 3, mask: 4))
        #expect(try ids(directory, "The UNwantéd") == [15, 9, 6, 7])
    }

    @Test func configurationOverridesThePipeline() throws {
        let directory = try TemporaryDirectory()
        try directory.write("vocab.txt", vocabulary)
        try directory.write("tokenizer.json", pipeline())
        #expect(try ids(directory, "the The unwanted") == [15, 1, 1])
        try directory.write("tokenizer_config.json", #"{"do_lower_case": true, "strip_accents": null}"#)
        #expect(try ids(directory, "the The unwanted") == [15, 15, 1])
        try directory.write("tokenizer_config.json", #"{"do_lower_case": true, "do_basic_tokenize": false}"#)
        #expect(try ids(directory, "the, The the") == [1, 1, 15])
    }

    @Test func pipelineAloneIsEnough() throws {
        let directory = try TemporaryDirectory()
        let added = #"[{"id": 18, "content": "<e>", "special": false, "normalized": false}]"#
        try directory.write("tokenizer.json", pipeline(added: added))
        #expect(try ids(directory, "hello <e>!") == [17, 18, 16])
        #expect(try loadTokenizer(directory: directory.path).vocabularySize == 19)
    }

    @Test func specialTokensMayHaveOtherNames() throws {
        let directory = try TemporaryDirectory()
        try directory.write("vocab.txt", vocabulary.replacing("[MASK]", with: "<mask>"))
        try directory.write("special_tokens_map.json", #"{"mask_token": {"content": "<mask>", "lstrip": false}}"#)
        #expect(try ids(directory, "<mask>the") == [4, 15])
    }

    @Test func exactSpellingOfKeysIsKept() throws {
        let directory = try TemporaryDirectory()
        let model = #"""
            {"type": "WordPiece", "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "\u00e9": 5,
            "e\u0301": 6, "\ud83d\ude00": 7, "\"": 8}}
            """#
        try directory.write("tokenizer.json", pipeline(model: model))
        #expect(try ids(directory, "é e\u{301} 😀 \"") == [5, 6, 7, 8])
    }

    @Test func badDirectoriesAreRefusedWithTheirPlace() throws {
        let bad: [(files: [String: String], parts: [String])] = [
            ([:], ["no tokenizer", "vocab.txt"]), (["vocab.txt": ""], ["vocab.txt: no tokens"]),
            (["vocab.txt": "a\nb\n"], ["vocab.txt", "[PAD]"]),
            (
                ["vocab.txt": vocabulary, "tokenizer_config.json": "{\n\"do_lower_case\": maybe}"],
                [
                    "tokenizer_config.json:2", "a value",
                ]
            ),
            (
                ["vocab.txt": vocabulary, "tokenizer_config.json": "{\"do_lower_case\": \"yes\"}"],
                [
                    "'do_lower_case'", "true or false", "\"yes\"",
                ]
            ), (["vocab.txt": vocabulary, "tokenizer_config.json": "[]"], ["expected a JSON object"]),
            (["vocab.txt": vocabulary, "special_tokens_map.json": "{\"cls_token\": 7}"], ["'cls_token'", "got 7"]),
            (["vocab.txt": vocabulary, "special_tokens_map.json": "{\"cls_token\": \"<c>\"}"], ["<c>"]),
            (
                [
                    "vocab.txt": vocabulary,
                    "tokenizer_config.json": "{\"added_tokens_decoder\": {\"30\": {\"content\": \"x\"}}}",
                ],
                [
                    "id 18"
                ]
            ), (["tokenizer.json": pipeline(model: "{\"type\": \"Unigram\"}")], ["'model.type'", "\"Unigram\""]),
            (
                ["tokenizer.json": pipeline(model: "{\"type\": \"WordPiece\", \"vocab\": {\"a\": 1}}")],
                ["model.vocab.a"]
            ),
            (["tokenizer.json": pipeline(normalizer: "{\"type\": \"NFC\"}")], ["'normalizer.type'", "\"NFC\""]),
            (["tokenizer.json": String(repeating: "[", count: 100_000)], ["tokenizer.json:1", "200 brackets"]),
            (["tokenizer.json": "{\"a\": \"\\ud800\"}"], ["surrogate"]),
            (["tokenizer.json": "{\"a\": 1"], ["end of the file"]),
            (["vocab.json": "{}"], ["merges.txt"]),
        ]
        for (files, parts) in bad {
            let directory = try TemporaryDirectory()
            for (name, content) in files { try directory.write(name, content) }
            let error = #expect(throws: TextError.self, "\(files.keys)") {
                _ = try loadTokenizer(directory: directory.path)
            }
            for part in parts {
                #expect(error?.message.contains(part) == true, "\(error?.message ?? "") lacks \(part)")
            }
            #expect(error?.message.contains("\n") == false)
        }
        #expect(throws: TextError.self) { _ = try loadTokenizer(directory: "/nowhere") }
        let directory = try TemporaryDirectory()
        try directory.write("vocab.txt", Array("[PAD]\n".utf8) + [0xFF, 0x0A])
        let error = #expect(throws: TextError.self) { _ = try loadTokenizer(directory: directory.path) }
        #expect(error?.message.hasSuffix("vocab.txt:2: not UTF-8") == true)
    }
}
