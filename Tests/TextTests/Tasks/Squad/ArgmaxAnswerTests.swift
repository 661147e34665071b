import Testing
import Text

@Suite struct ArgmaxAnswerTests {
    private static let tokenizer = Result {
        try SquadFixture.tokenizer(
            """
            [PAD] [UNK] [CLS] [SEP] [MASK] what is a co ##vid - 19 pan ##de ##mic social di ##stan ##cing requirement ? mask
            wearing steve smith ' s
            """.split(whereSeparator: \.isWhitespace).map(String.init))
    }
    private static let example = QuestionExample(
        id: "q", question: "What is a requirement?",
        passage: "Mask wearing is  a COVID-19 pandemic social\ndistancing requirement?")

    private static func window() throws -> QuestionWindow {
        try #require(QuestionFeatures([example], tokenizer: tokenizer.get(), purpose: .prediction).windows.first)
    }

    private static func scores(_ window: QuestionWindow, start: Int, end: Int) -> SpanScores {
        var scores = SpanScores(
            start: [Float](repeating: 0, count: window.ids.count), end: [Float](repeating: 0, count: window.ids.count))
        scores.start[start] = 5
        scores.end[end] = 4
        return scores
    }

    @Test func tokensFromTheBestStartToTheBestEnd() throws {
        let window = try Self.window()
        // [CLS] what is a requirement ? [SEP] mask wearing is a co ##vid - 19 ...
        let answer = try window.argmaxAnswer(Self.scores(window, start: 11, end: 22), tokenizer: Self.tokenizer.get())
        #expect(answer.spelling == "co ##vid - 19 pan ##de ##mic social di ##stan ##cing requirement")
        #expect(answer.joined == "covid - 19 pandemic social distancing requirement")
        #expect(answer.startScore == 5 && answer.endScore == 4)
        let range = try #require(answer.range)
        #expect(range == 19..<66)
        #expect(window.passage.text(range) == "COVID-19 pandemic social\ndistancing requirement")
    }

    @Test func anEndBeforeTheStartGivesNothing() throws {
        let window = try Self.window()
        let backwards = try window.argmaxAnswer(
            Self.scores(window, start: 12, end: 11), tokenizer: Self.tokenizer.get())
        #expect(backwards.pieces.isEmpty && backwards.spelling.isEmpty && backwards.range == nil)
        // Tokens of the question are an answer, but no place in the passage.
        let question = try window.argmaxAnswer(Self.scores(window, start: 3, end: 4), tokenizer: Self.tokenizer.get())
        #expect(question.spelling == "a requirement" && question.range == nil)
        let tied = try window.argmaxAnswer(
            SpanScores(
                start: [Float](repeating: 1, count: window.ids.count),
                end: [Float](repeating: 1, count: window.ids.count)), tokenizer: Self.tokenizer.get())
        #expect(tied.start == 0 && tied.end == 0)
        #expect(throws: TextError.self) {
            try window.argmaxAnswer(SpanScores(start: [1], end: [1]), tokenizer: Self.tokenizer.get())
        }
    }

    @Test func aPredictionIsFoundInTheWordsAroundIt() throws {
        let example = QuestionExample(id: "q", question: "who", passage: "a Steve  Smith's mask")
        let features = try QuestionFeatures([example], tokenizer: Self.tokenizer.get(), purpose: .prediction)
        let window = try #require(features.windows.first)
        // [CLS] who [SEP] a steve smith ' s mask
        let answers = try features.answers(
            [example], [Self.scores(window, start: 4, end: 5)], tokenizer: Self.tokenizer.get(),
            wording: .words(WordPieceSettings()))
        #expect(answers.first?.text == "Steve Smith")
        #expect(answers.first?.answer?.range == 2..<14)
        let slices = try features.answers(
            [example], [Self.scores(window, start: 4, end: 5)], tokenizer: Self.tokenizer.get(), wording: .passage)
        #expect(slices.first?.candidates.first?.text == "Steve  Smith")
    }

    @Test func scoresThatAreNoNumbersAndWindowsWithoutScoresAreHandled() throws {
        let features = try QuestionFeatures([Self.example], tokenizer: Self.tokenizer.get(), purpose: .prediction)
        let count = features.windows[0].ids.count
        let nan = SpanScores(
            start: [Float](repeating: .nan, count: count), end: [Float](repeating: .infinity, count: count))
        var settings = AnswerSettings()
        for allowsNoAnswer in [false, true] {
            settings.allowsNoAnswer = allowsNoAnswer
            let answers = try features.answers(
                [Self.example], [nan], tokenizer: Self.tokenizer.get(), wording: .passage, settings: settings)
            #expect(answers.first?.candidates.first?.text == "empty")
            #expect(answers.first?.candidates.first?.probability == (allowsNoAnswer ? 0.5 : 1))
            #expect(answers.first?.text == (allowsNoAnswer ? "" : "empty"))
        }
        let short = SpanScores(start: [0], end: [0])
        for scores in [[], [nan, nan], [short]] {
            #expect(throws: TextError.self) {
                try features.answers([Self.example], scores, tokenizer: Self.tokenizer.get(), wording: .passage)
            }
        }
        settings.candidates = 0
        #expect(throws: TextError.self) {
            try features.answers(
                [Self.example], [nan], tokenizer: Self.tokenizer.get(), wording: .passage, settings: settings)
        }
    }
}
