import Foundation
import Testing
import Text

@Suite struct AlbertQuestionTests {
    private struct Reference: Decodable {
        let model: Data
        let features: [SquadFixture.Case]
        let answers: [Group]
    }

    private struct Group: Decodable {
        let inputs: AnswerGroup
        let predictions: [String: String]
        let candidates: [String: [SquadFixture.Candidate]]

        enum Key: CodingKey { case version1 }

        init(from decoder: any Decoder) throws {
            inputs = try AnswerGroup(from: decoder)
            let container = try decoder.container(keyedBy: Key.self)
            var results = try container.nestedUnkeyedContainer(forKey: .version1)
            predictions = try results.decode([String: String].self)
            candidates = try results.decode([String: [SquadFixture.Candidate]].self)
        }
    }

    private static let golden = Result { try SquadFixture.read("squad-albert", as: Reference.self) }

    private static func tokenizer() throws -> SentencePieceTokenizer {
        try SentencePieceTokenizer(modelBytes: [UInt8](golden.get().model))
    }

    @Test func windowsAreThoseOfTheReference() throws {
        let tokenizer = try Self.tokenizer()
        var (dropped, answered) = (0, 0)
        for (index, test) in try Self.golden.get().features.enumerated() {
            let features = try QuestionFeatures(
                [test.example], aligning: tokenizer, purpose: .training, windowing: test.windowing)
            #expect(features.windows.count == test.windows.count, "case \(index): \(test.passage.debugDescription)")
            #expect(features.dropped.isEmpty == !test.windows.isEmpty, "case \(index)")
            dropped += features.dropped.count
            for (window, expected) in zip(features.windows, test.windows) {
                #expect(window.ids == expected.ids, "case \(index)")
                #expect(window.typeIDs.map(String.init).joined() == expected.types, "case \(index)")
                #expect(SquadFixture.bits(window.answerMask) == expected.mask, "case \(index)")
                let tokens = window.passagePositions.map { window.token(at: $0) }
                #expect(tokens.map { window.passage.starts[$0] } == expected.starts, "case \(index)")
                #expect(tokens.map { window.passage.ends[$0] - 1 } == expected.ends, "case \(index)")
                #expect(SquadFixture.bits(window.hasMaximumContext) == expected.max, "case \(index)")
                #expect([window.answer.lowerBound, window.answer.upperBound] == expected.answer, "case \(index)")
                #expect(window.isImpossible == expected.impossible, "case \(index)")
                if window.answer != 0...0 { answered += 1 }
            }
        }
        #expect(dropped > 3 && answered > 30)
    }

    @Test func answersOfVersion1AreThoseOfTheReference() throws {
        let tokenizer = try Self.tokenizer()
        for (index, group) in try Self.golden.get().answers.enumerated() {
            let inputs = group.inputs
            let features = try QuestionFeatures(
                inputs.questions, aligning: tokenizer, purpose: .prediction, windowing: inputs.windowing)
            // Equal checkpoints have equal means.
            for checkpoints in [1, 2] {
                let answers = try features.albertAnswers(
                    inputs.questions, checkpoints: Array(repeating: inputs.spanScores, count: checkpoints),
                    settings: inputs.settings)
                for answer in answers {
                    let label: Comment = "group \(index), \(answer.id), \(checkpoints) checkpoints"
                    let expected = try #require(group.candidates[answer.id])
                    #expect(answer.text == group.predictions[answer.id], label)
                    #expect(
                        answer.candidates.map { Array($0.text.utf8) } == expected.map { Array($0.text.utf8) }, label)
                    #expect(answer.candidates.map(\.startScore) == expected.map(\.startScore), label)
                    #expect(answer.candidates.map(\.endScore) == expected.map(\.endScore), label)
                    for (ours, theirs) in zip(answer.candidates, expected) {
                        #expect(abs(ours.probability - theirs.probability) < 1e-14, label)
                    }
                }
            }
        }
    }

    @Test func answersAreRawSlices() throws {
        let tokenizer = try Self.tokenizer()
        let example = QuestionExample(
            id: "q", question: "the cat", passage: "The  CAFÉ, 1,234 Cats.",
            answers: [QuestionExample.Answer(text: "CAFÉ", start: 5)])
        let features = try QuestionFeatures([example], aligning: tokenizer, purpose: .training)
        let window = try #require(features.windows.first)
        #expect(window.answer != 0...0)
        let tokens = window.token(at: window.answer.lowerBound)...window.token(at: window.answer.upperBound)
        #expect(window.passage.range(ofTokens: tokens).map { window.passage.text($0) } == "CAFÉ")
    }

    @Test func passagesThatPreprocessingChangesTooMuchAreDropped() throws {
        let tokenizer = try Self.tokenizer()
        let accents = String(repeating: "a\u{301}\u{302}", count: 40)
        let long = String(repeating: "\u{FDFA}", count: 3000)
        let examples = [accents, long, "", " ", "\u{301}", "the cat"].enumerated().map {
            QuestionExample(id: "\($0.offset)", question: "the", passage: $0.element)
        }
        let features = try QuestionFeatures(examples, aligning: tokenizer, purpose: .prediction)
        #expect(features.dropped == [0, 1, 2, 3, 4])
        #expect(features.windowsOfExample.map(\.count) == [0, 0, 0, 0, 0, 1])
        let zeros = [Float](repeating: 0, count: features.windows[0].ids.count)
        let answers = try features.albertAnswers(examples, checkpoints: [[SpanScores(start: zeros, end: zeros)]])
        #expect(answers.prefix(5).map(\.text) == Array(repeating: "empty", count: 5))
        #expect(answers.last?.candidates.contains { $0.text == "the cat" } == true)
    }

    @Test func beamsAreRankedAveragedAndHeldAgainstTheThreshold() throws {
        let tokenizer = try Self.tokenizer()
        let example = QuestionExample(id: "q", question: "the", passage: "the cat sat")
        let features = try QuestionFeatures([example], aligning: tokenizer, purpose: .prediction)
        let window = try #require(features.windows.first)
        let first = window.passagePositions.lowerBound
        let last = window.passagePositions.upperBound - 1
        func beams(_ whole: Float, _ null: Float) -> SpanBeams {
            SpanBeams(
                beams: [
                    // In the question, backwards, and beyond the passage: none counts.
                    SpanBeams.Beam(start: 1, startScore: -0.1, ends: [SpanBeams.End(position: last, score: -0.1)]),
                    SpanBeams.Beam(start: last, startScore: -0.1, ends: [SpanBeams.End(position: first, score: -0.1)]),
                    SpanBeams.Beam(
                        start: first, startScore: -1,
                        ends: [
                            SpanBeams.End(position: last + 1, score: -0.1), SpanBeams.End(position: last, score: whole),
                            SpanBeams.End(position: first, score: -1),
                        ]),
                ], nullLogit: null)
        }
        let answers = try features.albertAnswers([example], checkpoints: [[beams(-0.5, 1)], [beams(-2, 2)]])
        let answer = try #require(answers.first)
        #expect(answer.candidates.map(\.text) == ["t", "the cat sat"])
        #expect(answer.candidates.map(\.endScore) == [-1, -1.25])
        #expect(abs(answer.candidates[0].probability - 1 / (1 + exp(-0.25))) < 1e-12)
        #expect(answer.nullOdds == 1.5)
        #expect(answer.text == "t")
        #expect(answer.answeringBelow(1.5).text.isEmpty && answer.answeringBelow(1.6).text == "t")
        let none = try features.albertAnswers([example], checkpoints: [[SpanBeams(beams: [], nullLogit: -3)]])
        #expect(none.first?.text.isEmpty == true && none.first?.candidates.first?.startScore == -1e6)
        #expect(throws: TextError.self) { try features.albertAnswers([example], checkpoints: [[SpanBeams]()]) }
    }
}
