import Testing
import Text

@Suite struct SentencePieceTokenizerTests {
    @Test(
        arguments: [
            ("the unbelievable cat", [16, 15, 14, 35, 59, 14, 42, 45, 14, 53, 28, 24]),
            ("[CLS] the cat", [13, 1, 16, 15, 14, 24]),
            ("(cats) - \"the\"", [13, 5, 58, 29, 27, 17, 6, 13, 8, 13, 7, 27, 15, 14, 7]),
            ("xyz the", [13, 1, 16, 15, 14]), ("  the   cat ", [16, 15, 14, 24]), ("Ｔｈｅ　ｃａｔ", [13, 1, 15, 14, 24]),
            ("the cat, dog", [16, 15, 14, 24, 46, 33]), ("1,234 cats", [13, 43, 46, 44, 48, 49, 24, 17]), ("", []),
            ("   ", []),
        ] as [(String, [Int32])])
    func encodesLikeTheReference(text: String, ids: [Int32]) throws {
        #expect(try Golden.tokenizer.get().encode(text) == ids)
    }

    @Test func specialTokensHaveAlbertsIds() throws {
        let specials = try Golden.tokenizer.get().specials
        #expect(specials == SpecialTokens(padding: 0, unknown: 1, classification: 2, separator: 3, mask: 4))
    }

    @Test func decodingMarksUnknownText() throws {
        let tokenizer = try Golden.tokenizer.get()
        #expect(try tokenizer.decode(tokenizer.encode("the xyz cat")) == "the  ⁇  cat")
        #expect(try tokenizer.decode([2, 16, 15, 14, 24, 3]) == "the cat")
        #expect(try tokenizer.decode([]) == "")
    }

    @Test func decodingForeignIdsThrows() throws {
        let tokenizer = try Golden.tokenizer.get()
        #expect(throws: TextError.self) { try tokenizer.decode([60]) }
        #expect(throws: TextError.self) { try tokenizer.decode([-1]) }
    }

    @Test func specialsWrittenOutAreRecognisedOnRequest() throws {
        let tokenizer = try Golden.tokenizer.get()
        #expect(try tokenizer.tokenize("the [MASK] sat").map(\.id) == [16, 15, 14, 4, 34])
        #expect(try tokenizer.tokenize("[CLS]the cat[SEP][MASK]").map(\.id) == [2, 16, 15, 14, 24, 3, 4])
        #expect(try tokenizer.tokenize("the cat").map(\.id) == tokenizer.encode("the cat"))
        #expect(try tokenizer.tokenize("").map(\.id).isEmpty)
    }

    @Test(
        arguments: [
            ("the cat, dog", ["t", "h", "e", "cat", ",", "dog"]), ("  the   cat ", ["t", "h", "e", "cat"]),
            ("Ｔhé ``cát''", ["Ｔ", "h", "é", "`", "`", "c", "á", "t", "'"]), ("xyz the", ["x", "xyz", "t", "h", "e"]),
            ("the [MASK] sat", ["t", "h", "e", " [MASK]", "sat"]), ("[CLS]cat[SEP]", ["[CLS]", "cat", "[SEP]"]),
            ("1½\u{7}3", ["1", "1", "½", "½", "½", "3"]), ("", []), (" \u{3000}", []),
        ] as [(String, [String])])
    func tokensLieWhereTheyStandInTheOriginal(text: String, expected: [String]) throws {
        let tokenizer = try Golden.makeTokenizer(vocabularySize: 60, preprocessing: .huggingFace)
        let scalars = Array(text.unicodeScalars)
        let places = try tokenizer.tokenize(text).map { String(String.UnicodeScalarView(scalars[$0.range])) }
        #expect(places == expected)
    }

    @Test(.timeLimit(.minutes(1))) func threadsDoNotChangeTheIds() throws {
        let tokenizer = try Golden.tokenizer.get()
        var generator = SplitMix64(seed: 5)
        let texts = (0..<1500).map { _ in Prose.sentence(&generator).lowercased() }
        let alone = try texts.map { try tokenizer.encode($0) }
        #expect(try tokenizer.encode(texts, threads: 4) == alone)
        #expect(try tokenizer.encode(texts, threads: 1) == alone)
    }

    @Test func wordStartsFollowTheRule() throws {
        for (piece, isStart) in [
            ("▁the", true), ("▁", true), ("<unk>", true), ("<", true), (".", true), ("[", true), ("ing", false),
            ("s", false), ("e.g", false), ("[CLS]", false), ("'", true), ("'s", true), ("=", true), (">", true),
            ("7", true), ("2019", true), ("a1", true), ("é", true), ("日本", true), ("£", true), ("ING", false),
            ("::", false),
        ] {
            #expect(WordStart.isStart(piece: piece) == isStart, "\(piece)")
        }
        let tokenizer = try Golden.tokenizer.get()
        #expect(tokenizer.isWordStart.count == 60)
        for id in 0...16 where id != 14 && id != 15 { #expect(tokenizer.isWordStart[id], "id \(id)") }
        for piece in ["e", "h", "able", "in"] { #expect(!tokenizer.isWordStart[Int(tokenizer.id(piece))], "\(piece)") }
    }

    @Test func aDamagedModelIsRefusedByName() throws {
        let bytes = try Golden.tokenizer.get().modelBytes
        let error = #expect(throws: TextError.self) {
            try SentencePieceTokenizer(modelBytes: Array(bytes.prefix(100)), name: "half.model")
        }
        #expect(error?.code == .malformedModel)
        #expect(error?.message.contains("half.model") == true)
        #expect(throws: TextError.self) { try SentencePieceTokenizer(modelBytes: []) }
        #expect(throws: TextError.self) { try SentencePieceTokenizer(path: "/nowhere/spiece.model") }
    }

    @Test func aModelWithoutMaskIsRefused() throws {
        var training = SentencePieceTraining()
        training.vocabularySize = 56
        training.threads = 1
        training.controlSymbols = ["[CLS]", "[SEP]"]
        var rest = Golden.corpus[...]
        let model = try SentencePieceTrainer.train(training) { () throws(TextError) -> String? in rest.popFirst() }
        let error = #expect(throws: TextError.self) { try SentencePieceTokenizer(modelBytes: model.model) }
        #expect(error?.message.contains("[MASK]") == true)
    }
}

@Suite struct DigitCommaRuleTests {
    /// A vocabulary in which digits and commas are learned as one piece.
    private static let tokenizer = Result {
        try Golden.makeTokenizer(
            vocabularySize: 70,
            sentences: Golden.corpus
                + (0..<60).flatMap { _ in
                    [
                        "in 2000, and 9 of 92000, or 2000, cats", "he had 2000, 2000, and 15,", "a 2000 b 15 c",
                        "2000,",
                        "2000,5 or 15,7", "92000,", "92000,7 or 2000",
                    ]
                })
    }

    @Test func aCommaAfterADigitIsATokenOfItsOwn() throws {
        let tokenizer = try Self.tokenizer.get()
        let merged = (0..<Int32(tokenizer.vocabularySize)).map(tokenizer.piece).filter { piece in
            piece.count > 1 && piece.last == "," && piece.dropLast().last?.isNumber == true
        }
        #expect(!merged.isEmpty, "the vocabulary must hold a merged piece, or this shows nothing")
        for text in ["92000,", "in 2000, and", "1,234", "15,", "x7,", "cats, 9"] {
            let pieces = try tokenizer.encodePieces(text)
            for piece in pieces where piece.last == "," && piece.count > 1 {
                #expect(piece.dropLast().last?.isNumber != true, "\(text): \(pieces)")
            }
            #expect(pieces.joined().replacing("▁", with: " ").trimmingPrefix(" ") == text, "\(pieces)")
        }
        #expect(try tokenizer.encodePieces("92000,").last == ",")
    }

    @Test func idsAndPiecesAgree() throws {
        let tokenizer = try Self.tokenizer.get()
        for text in ["92000, 2000,", "in 2000, and 15, cats", "ü9, 2000,x", "no digits, here", "2000,2000,2000,"] {
            let pieces = try tokenizer.encodePieces(text)
            #expect(try tokenizer.encode(text) == pieces.map(tokenizer.id), "\(text): \(pieces)")
        }
    }

    @Test func aVocabularyWithoutCommaStillFollowsTheRule() throws {
        let sentences = Golden.corpus.map { $0.filter { $0 != "," && !$0.isNumber } }
        let tokenizer = try Golden.makeTokenizer(vocabularySize: 50, sentences: sentences)
        #expect(tokenizer.id(",") == tokenizer.specials.unknown)
        let pieces = try tokenizer.encodePieces("the 92,")
        #expect(pieces.suffix(2) == ["92", ","], "\(pieces)")
        #expect(try tokenizer.encode("the 92,") == pieces.map(tokenizer.id))
    }
}
