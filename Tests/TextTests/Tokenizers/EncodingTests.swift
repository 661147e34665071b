import Testing
import Text

@Suite struct EncodingTests {
    private let first = "the want un the want"
    private let second = "hello ! the runn the hello the"

    private func encode(
        _ text: String, _ pair: String? = nil, _ maximum: Int, _ truncation: Truncation, stride: Int? = nil
    ) throws -> [Encoding] {
        try WordPieceGolden.tokenizer().encode(
            text, pair: pair,
            EncodingOptions(
                maximumLength: maximum, truncation: truncation, stride: stride ?? 0, keepsOverflow: stride != nil))
    }

    @Test func pairsAreWrappedAndTyped() throws {
        let encoding = try #require(try WordPieceGolden.tokenizer().encode("the want", pair: "hello !").first)
        #expect(encoding.ids == [2, 15, 5, 3, 17, 16, 3])
        #expect(encoding.typeIDs == [0, 0, 0, 0, 1, 1, 1])
        #expect(encoding.tokens == [nil, 0..<3, 4..<8, nil, 0..<5, 6..<7, nil])
        #expect(encoding.sequenceIndex == [nil, 0, 0, nil, 1, 1, nil])
    }

    @Test func robertaDoublesTheSeparatorAndHasOneType() throws {
        let tokenizer = TemplateOnly(base: try WordPieceGolden.tokenizer(), template: .roberta)
        #expect(try tokenizer.encode("the").map(\.ids) == [[2, 15, 3]])
        let pair = try #require(try tokenizer.encode("the", pair: "hello").first)
        #expect(pair.ids == [2, 15, 3, 3, 17, 3])
        #expect(pair.typeIDs == [0, 0, 0, 0, 0, 0])
        let options = EncodingOptions(maximumLength: 6, truncation: .longestFirst)
        #expect(try tokenizer.encode("the the", pair: "hello", options).map(\.ids) == [[2, 15, 3, 3, 17, 3]])
    }

    @Test func cuttingTokenByTokenTakesTiesFromTheSecond() throws {
        let short = try #require(
            try encode("the want un", "hello ! the runn", 8, .longestFirstByToken).first)
        #expect(short.ids == [2, 15, 5, 9, 3, 17, 16, 3])
        #expect(short.typeIDs == [0, 0, 0, 0, 0, 1, 1, 1])
        #expect(short.removedCount == 2)
        #expect(
            try encode(first, second, 10, .longestFirstByToken).map(\.ids) == [[2, 15, 5, 9, 15, 3, 17, 16, 15, 3]])
    }

    @Test func cuttingTokenByTokenEqualsDoingSo() throws {
        let tokens = { (count: Int, id: Int32) in (0..<count).map { Token(id: id, range: $0..<$0 + 1) } }
        let tokenizer = try WordPieceGolden.tokenizer()
        for a in 0...7 {
            for b in 0...7 {
                for room in 0...14 {
                    var kept = (a, b)
                    while kept.0 + kept.1 > room { if kept.0 > kept.1 { kept.0 -= 1 } else { kept.1 -= 1 } }
                    let options = EncodingOptions(maximumLength: room + 3, truncation: .longestFirstByToken)
                    let ids = try tokenizer.encode(tokens: tokens(a, 5), pair: tokens(b, 6), options)[0].ids
                    #expect(ids.count { $0 == 5 } == kept.0 && ids.count { $0 == 6 } == kept.1, "\(a) \(b) \(room)")
                }
            }
        }
    }

    @Test func longestFirstLeavesTheOddTokenToTheLonger() throws {
        #expect(
            try encode("the want un", "hello ! the runn", 8, .longestFirst).map(\.ids)
                == [[2, 15, 5, 3, 17, 16, 15, 3]])
        #expect(try encode(first, second, 10, .longestFirst).map(\.ids) == [[2, 15, 5, 9, 3, 17, 16, 15, 10, 3]])
        #expect(try encode(first, nil, 4, .longestFirst).map(\.ids) == [[2, 15, 5, 3]])
    }

    @Test func oneTextAloneIsCut() throws {
        #expect(try encode(first, second, 10, .onlySecond).map(\.ids) == [[2, 15, 5, 9, 15, 5, 3, 17, 16, 3]])
        #expect(try encode(first, "the", 7, .onlyFirst).map(\.ids) == [[2, 15, 5, 9, 3, 15, 3]])
    }

    @Test func whatCannotFitIsRefusedWithBothNumbers() throws {
        let onlyFirst = #expect(throws: TextError.self) { try encode(first, second, 10, .onlyFirst) }
        #expect(onlyFirst?.message == "cannot truncate the first text: 5 tokens must go, and it has only 5")
        let noSecond = #expect(throws: TextError.self) { try encode(first, nil, 4, .onlySecond) }
        #expect(noSecond?.message.contains("no second text") == true)
        let noRoom = #expect(throws: TextError.self) { try encode(first, second, 2, .longestFirst) }
        #expect(noRoom?.message == "a maximum of 2 tokens leaves no room for the 3 special tokens")
        let stride = #expect(throws: TextError.self) { try encode(first, nil, 4, .longestFirst, stride: 2) }
        #expect(stride?.message.contains("a stride of 2") == true && stride?.message.contains("only 2") == true)
        #expect([onlyFirst, noSecond, noRoom, stride].allSatisfy { $0?.code == .invalidParameter })
    }

    @Test func nothingIsCutUnlessAskedFor() throws {
        #expect(try encode(first, second, 4, .none).map(\.ids.count) == [15])
        #expect(try encode(first, second, 15, .onlyFirst, stride: 1).map(\.ids.count) == [15])
    }

    @Test func overflowComesInWindowsThatShareTheStride() throws {
        let windows = try encode("the want", "hello ! the runn the hello the un", 9, .onlySecond, stride: 2)
        #expect(
            windows.map(\.ids) == [
                [2, 15, 5, 3, 17, 16, 15, 10, 3], [2, 15, 5, 3, 15, 10, 15, 17, 3], [2, 15, 5, 3, 15, 17, 15, 9, 3],
            ])
        try #require(windows.count == 3)
        // The last tokens kept and all that were cut, as the older tokenizers report them.
        let overflow = windows[1].ids[4..<8] + windows[2].ids[6..<8]
        #expect(Array(overflow) == [15, 10, 15, 17, 15, 9])
        #expect(windows[2].tokens[4] == 17..<20)
    }
}

/// Another tokenizer's words under a template of its own.
private struct TemplateOnly: Tokenizer {
    let base: WordPieceTokenizer
    let template: EncodingTemplate

    var vocabularySize: Int { base.vocabularySize }
    var specials: SpecialTokens { base.specials }
    func piece(_ id: Int32) -> String { base.piece(id) }
    func id(ofPiece piece: String) -> Int32? { base.id(ofPiece: piece) }
    func tokenize(_ text: String) throws(TextError) -> [Token] { base.tokenize(text) }
    func decode(_ ids: [Int32], skippingSpecials: Bool) throws(TextError) -> String {
        try base.decode(ids, skippingSpecials: skippingSpecials)
    }
}
