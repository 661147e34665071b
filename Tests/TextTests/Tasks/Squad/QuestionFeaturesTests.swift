import Testing
import Text

@Suite struct QuestionFeaturesTests {
    private struct Reference: Decodable {
        let vocabulary: [String]
        let cases: [SquadFixture.Case]
    }

    private static let words = Result {
        try SquadFixture.tokenizer([
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "e", "1895", "1943", "(", ")", "-", ".",
            "who",
        ])
    }

    private static func windows(
        _ passage: String, answer: (String, Int)? = nil, impossible: Bool = false, length: Int = 384, stride: Int = 128,
        limit: Int = 64, purpose: QuestionFeatures.Purpose = .training
    ) throws -> QuestionFeatures {
        let example = QuestionExample(
            id: "q", question: "who", passage: passage,
            answers: answer.map { [QuestionExample.Answer(text: $0.0, start: $0.1)] } ?? [], isImpossible: impossible)
        return try QuestionFeatures(
            [example], tokenizer: words.get(), purpose: purpose,
            windowing: SquadFixture.windowing(length, stride, limit))
    }

    @Test func windowsAreThoseOfTheReference() throws {
        let golden: Reference = try SquadFixture.read("squad-features")
        let tokenizer = try SquadFixture.tokenizer(golden.vocabulary)
        var dropped = 0
        for (index, test) in golden.cases.enumerated() {
            let features = try QuestionFeatures(
                [test.example], tokenizer: tokenizer, purpose: .training, windowing: test.windowing)
            #expect(features.windows.count == test.windows.count, "case \(index): \(test.passage.debugDescription)")
            #expect(features.dropped.isEmpty == !test.windows.isEmpty, "case \(index)")
            dropped += features.dropped.count
            for (window, expected) in zip(features.windows, test.windows) {
                #expect(window.ids == expected.ids, "case \(index)")
                #expect(window.typeIDs.map(String.init).joined() == expected.types, "case \(index)")
                let tokens = window.passagePositions.map { window.token(at: $0) }
                #expect(tokens.map { window.passage.wordOfToken[$0] } == expected.words, "case \(index)")
                #expect(SquadFixture.bits(window.hasMaximumContext) == expected.max, "case \(index)")
                #expect([window.answer.lowerBound, window.answer.upperBound] == expected.answer, "case \(index)")
                #expect(window.isImpossible == expected.impossible, "case \(index)")
            }
        }
        #expect(dropped > 5 && dropped < golden.cases.count / 2)
    }

    @Test func anAnswerInsideAWordIsNarrowedToItsTokens() throws {
        let features = try Self.windows("a (1895-1943). b", answer: ("1895", 3))
        // [CLS] who [SEP] a ( 1895 - 1943 ) . b [SEP]
        #expect(features.windows.first?.answer == 5...5)
        let whole = try Self.windows("a (1895-1943). b", answer: ("895", 4))
        #expect(whole.windows.first?.answer == 4...9)
    }

    @Test func windowsAdvanceByTheStrideAndCoverTheEnd() throws {
        // Room for 384 - 1 - 3 tokens.
        let text = Array(repeating: "a", count: 700).joined(separator: " ")
        let features = try Self.windows(text, impossible: true)
        #expect(features.windows.map(\.firstToken) == [0, 128, 256, 384])
        #expect(features.windows.map { $0.passagePositions.count } == [380, 380, 380, 316])
        #expect(features.windows.map(\.uniqueID) == [1_000_000_000, 1_000_000_001, 1_000_000_002, 1_000_000_003])
        // A stride longer than the room would skip tokens.
        let short = try Self.windows("a b c d e a b", impossible: true, length: 7)
        #expect(short.windows.map(\.firstToken) == [0, 3, 6])
    }

    @Test func ofEqualContextsTheFirstWindowHasTheToken() throws {
        // Windows of 4 tokens, 2 apart: tokens 2 and 3 have contexts (1, 0) and (0, 1).
        let features = try Self.windows("a b c d e a", impossible: true, length: 8, stride: 2)
        #expect(features.windows.map { SquadFixture.bits($0.hasMaximumContext) } == ["1110", "0111"])
        // Windows of 5 tokens, 2 apart: token 3 has contexts 1 and 1.
        let tied = try Self.windows("a b c d e a b", impossible: true, length: 9, stride: 2)
        #expect(tied.windows.map { SquadFixture.bits($0.hasMaximumContext) } == ["11110", "00111"])
    }

    @Test func anAnswerThatAWindowCutsIsAtTheFirstToken() throws {
        let features = try Self.windows("a b c d e", answer: ("d e", 6), length: 8, stride: 1)
        #expect(features.windows.map(\.answer) == [0...0, 5...6])
        #expect(features.windows.map(\.isImpossible) == [true, false])
        let known = try Self.windows("a b c", answer: ("b", 2), purpose: .prediction)
        #expect(known.windows.map(\.answer) == [0...0])
    }

    @Test(arguments: [
        ("a b c", "c", 0), (" a", "a", 0), ("a\u{A0}b", "a b", 0), ("a b", " ", 1), ("a b", "", 0),
        ("\u{200B} a", "\u{200B}", 0), ("e\u{301}", "é", 0),
    ])
    func anAnswerThatIsNotThereDropsTheQuestion(passage: String, answer: String, start: Int) throws {
        let features = try Self.windows(passage, answer: (answer, start))
        #expect(features.windows.isEmpty && features.dropped == [0], "\(passage.debugDescription)")
    }

    @Test func aPassageWithoutTokensHasNoWindows() throws {
        for passage in ["", " \u{202F}\n", "\u{0} \u{200B}"] {
            let features = try Self.windows(passage, impossible: true)
            #expect(features.windows.isEmpty && features.dropped.isEmpty && features.windowsOfExample == [0..<0])
        }
    }

    @Test func settingsOutOfRangeAreRefused() throws {
        #expect(throws: TextError.self) { try Self.windows("a", impossible: true, stride: 0) }
        #expect(throws: TextError.self) { try Self.windows("a", impossible: true, limit: 0) }
        let error = #expect(throws: TextError.self) { try Self.windows("a", impossible: true, length: 4) }
        #expect(
            error?.message.contains("4 tokens has no room") == true && error?.message.contains("question q") == true)
        let bare = #expect(throws: TextError.self) { try Self.windows("a") }
        #expect(bare?.message.contains("question q: expected an answer, or is_impossible") == true)
    }

    @Test func threadsDoNotChangeTheWindows() throws {
        let examples = (0..<40).map { index in
            QuestionExample(
                id: "\(index)", question: "who \(index)", passage: "a b c d e ".repeated(index / 3 + 1),
                answers: [QuestionExample.Answer(text: "c", start: 4)])
        }
        let windowing = SquadFixture.windowing(16, 4, 8)
        let alone = try QuestionFeatures(
            examples, tokenizer: Self.words.get(), purpose: .training, windowing: windowing)
        let shared = try QuestionFeatures(
            examples, tokenizer: Self.words.get(), purpose: .training, windowing: windowing, threads: 3)
        #expect(alone.windows.map(\.ids) == shared.windows.map(\.ids))
        #expect(alone.windowsOfExample == shared.windowsOfExample && alone.windowsOfExample.count == 40)
        // Questions over one passage share its tokens.
        #expect(alone.windows[0].passage === alone.windows[1].passage)
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
