import Foundation
import Text

/// What `scripts/goldens/squad.py` wrote.
enum SquadFixture {
    struct Window: Decodable {
        let ids: [Int32]
        let types: String
        let mask: String?
        let words: [Int]?
        let starts: [Int]?
        let ends: [Int]?
        let max: String
        let answer: [Int]
        let impossible: Bool
    }

    struct Case: Decodable {
        let length: Int
        let stride: Int
        let limit: Int
        let passage: String
        let question: String
        let answer: String?
        let start: Int
        let windows: [Window]

        var example: QuestionExample {
            QuestionExample(
                id: "q", question: question, passage: passage,
                answers: answer.map { [QuestionExample.Answer(text: $0, start: start)] } ?? [],
                isImpossible: answer == nil)
        }
        var windowing: QuestionWindowing { SquadFixture.windowing(length, stride, limit) }
    }

    struct Candidate: Decodable {
        let text: String
        let probability: Double
        let startScore: Double
        let endScore: Double

        enum CodingKeys: String, CodingKey {
            case text, probability
            case startScore = "start_logit"
            case endScore = "end_logit"
        }
    }

    static func windowing(_ length: Int, _ stride: Int, _ limit: Int) -> QuestionWindowing {
        var windowing = QuestionWindowing()
        (windowing.maximumLength, windowing.stride, windowing.questionLimit) = (length, stride, limit)
        return windowing
    }

    static func read<Value: Decodable>(_ name: String, as: Value.Type = Value.self) throws -> Value {
        let url = Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json")
        guard let url else { throw CocoaError(.fileNoSuchFile) }
        return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
    }

    /// A tokenizer of BERT with this vocabulary.
    static func tokenizer(_ vocabulary: [String]) throws -> WordPieceTokenizer {
        try WordPieceTokenizer(
            vocabulary: WordPieceVocabulary(tokens: vocabulary.map { Array($0.utf8) }, name: "test"), name: "test")
    }

    /// Flags as a row of 0 and 1.
    static func bits(_ flags: some Sequence<Bool>) -> String { flags.map { $0 ? "1" : "0" }.joined() }
}

/// A group of questions with scores of their windows.
struct AnswerGroup: Decodable {
    let length: Int
    let stride: Int
    let limit: Int
    let kept: Int
    let longest: Int
    let threshold: Double?
    let examples: [[String]]
    let scores: [[[Int]]]

    var questions: [QuestionExample] {
        examples.map { QuestionExample(id: $0[0], question: $0[1], passage: $0[2]) }
    }
    var windowing: QuestionWindowing { SquadFixture.windowing(length, stride, limit) }
    var spanScores: [SpanScores] {
        scores.map { SpanScores(start: $0[0].map { Float($0) / 16 }, end: $0[1].map { Float($0) / 16 }) }
    }
    var settings: AnswerSettings {
        var settings = AnswerSettings()
        (settings.candidates, settings.maximumTokens, settings.nullThreshold) = (kept, longest, threshold ?? 0)
        return settings
    }
}
