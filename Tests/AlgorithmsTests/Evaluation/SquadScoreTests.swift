import Algorithms
import Foundation
import Testing
import Text

@Suite struct SquadScoreTests {
    /// What `scripts/goldens/squad.py` wrote: scores of the official programs.
    private struct Reference: Decodable {
        let normalized: [[String]]
        let sets: [Set]
    }

    private struct Set: Decodable {
        let version: Int
        let examples: [QuestionExample]
        let predictions: [String: String]
        let odds: [String: Double]?
        let expected: [(key: String, value: Double)]

        enum Key: String, CodingKey {
            case version = "v"
            case questions = "q"
            case expected = "e"
            case odds = "o"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            version = try container.decode(Int.self, forKey: .version)
            var questions = try container.nestedUnkeyedContainer(forKey: .questions)
            var examples: [QuestionExample] = []
            var predictions: [String: String] = [:]
            while !questions.isAtEnd {
                var question = try questions.nestedUnkeyedContainer()
                let answers = try question.decode([String].self).map { QuestionExample.Answer(text: $0, start: 0) }
                let id = "\(examples.count)"
                examples.append(QuestionExample(id: id, question: "", passage: "", answers: answers))
                predictions[id] = try question.decodeIfPresent(String.self)
            }
            (self.examples, self.predictions) = (examples, predictions)
            let odds = try container.decodeIfPresent([Double].self, forKey: .odds)
            self.odds = odds.map { Dictionary(uniqueKeysWithValues: zip(examples.map(\.id), $0)) }
            var pairs = try container.nestedUnkeyedContainer(forKey: .expected)
            var expected: [(String, Double)] = []
            while !pairs.isAtEnd {
                var pair = try pairs.nestedUnkeyedContainer()
                expected.append((try pair.decode(String.self), try pair.decode(Double.self)))
            }
            self.expected = expected
        }
    }

    private static let golden = Result {
        let url = Bundle.module.url(forResource: "Fixtures/squad-scores", withExtension: "json")
        guard let url else { throw CocoaError(.fileNoSuchFile) }
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    }

    private static func question(_ id: String, _ answers: String...) -> QuestionExample {
        QuestionExample(
            id: id, question: "", passage: "", answers: answers.map { QuestionExample.Answer(text: $0, start: 0) },
            isImpossible: answers.isEmpty)
    }

    @Test func normalizationIsThatOfTheOriginal() throws {
        let pairs = try Self.golden.get().normalized
        #expect(pairs.prefix(4).map { $0[1] } == ["us armys apple", "aan", "“ ” cat", ""])
        for pair in pairs {
            #expect(
                SquadText(pair[0]).normalized.unicodeScalars.elementsEqual(pair[1].unicodeScalars),
                "\(pair[0].debugDescription)")
        }
    }

    @Test func scoresOf500SetsAreThoseOfTheOfficialPrograms() throws {
        let sets = try Self.golden.get().sets
        #expect(sets.count == 500)
        for (index, set) in sets.enumerated() {
            let score =
                set.version == 1
                ? try SquadScore.version1(set.examples, predictions: set.predictions)
                : try SquadScore.version2(set.examples, predictions: set.predictions, nullOdds: set.odds)
            #expect(score.pairs.map(\.key) == set.expected.map(\.key), "set \(index)")
            for (ours, theirs) in zip(score.pairs, set.expected) {
                // Summed in the same order, the numbers are the same; newer Pythons compensate their sums.
                #expect(abs(ours.value - theirs.value) <= 1e-12 * 100, "set \(index): \(ours.key)")
            }
            #expect(score.unanswered == (set.version == 1 ? set.examples.count - set.predictions.count : 0))
        }
    }

    @Test func partialAnswersScoreBetween() {
        let f1 = SquadText("the COVID-19 pandemic social distancing").f1(
            SquadText("COVID-19 pandemic social distancing requirement"), version2: true)
        #expect(abs(f1 - 0.8888888889) < 1e-10)
        #expect(SquadText("cat cat dog").f1(SquadText("cat dog dog"), version2: true) == 2.0 / 3)
        #expect(SquadText("the").f1(SquadText(""), version2: true) == 1)
        #expect(SquadText("the").f1(SquadText(""), version2: false) == 0)
        #expect(SquadText("cat").f1(SquadText("the"), version2: true) == 0)
        #expect(!SquadText("e\u{301}").matches(SquadText("é")), "composed and decomposed differ in the original")
    }

    @Test func missingDataIsNamed() throws {
        let examples = [Self.question("a", "cat"), Self.question("b")]
        #expect(throws: AlgorithmsError.self) { try SquadScore.version1([], predictions: [:]) }
        #expect(throws: AlgorithmsError.self) { try SquadScore.version2([], predictions: [:]) }
        let unanswerable = #expect(throws: AlgorithmsError.self) {
            try SquadScore.version1(examples, predictions: ["a": "cat", "b": ""])
        }
        #expect(unanswerable?.description.hasPrefix("question b: expected at least one answer") == true)
        let missing = #expect(throws: AlgorithmsError.self) {
            try SquadScore.version2(examples, predictions: ["a": "cat"])
        }
        #expect(missing?.description == "question b: expected a prediction, got none")
        let odds = #expect(throws: AlgorithmsError.self) {
            try SquadScore.version2(examples, predictions: ["a": "cat", "b": ""], nullOdds: ["a": 0, "b": .nan])
        }
        #expect(odds?.description == "question b: expected null odds, got none")
        let half = try SquadScore.version1([examples[0], Self.question("c", "dog")], predictions: ["a": "Cat."])
        #expect(half.all.exact == 50 && half.unanswered == 1)
    }

    @Test func albertAnswersBelowTheBestThreshold() throws {
        let examples = [Self.question("a", "cat"), Self.question("b"), Self.question("c", "dog")]
        let answers = zip(examples, [("cat", -2.0), ("cat", 0.5), ("bird", 0.25)]).map { example, answer in
            AnswerPrediction(
                id: example.id, text: answer.0,
                candidates: [AnswerCandidate(text: answer.0, probability: 1, startScore: 0, endScore: 0)],
                nullOdds: answer.1)
        }
        // Answering `a` alone is best; its own odds are the threshold, and only odds below it are answered.
        let result = try SquadScore.albertVersion2(examples, answers)
        #expect(result.threshold == -2)
        #expect(result.answers.map(\.text) == ["", "", ""])
        #expect(result.score.all.f1 > 33 && result.score.all.f1 < 34)
        #expect(result.score.bestF1?.value == result.score.all.f1)
    }

    @Test func aLogitAboveOneCountsAsNoAnswer() throws {
        let score = try SquadScore.version2(
            [Self.question("a", "cat"), Self.question("b")], predictions: ["a": "cat", "b": "dog"],
            nullOdds: ["a": 1.5, "b": 1.5])
        #expect(score.hasAnswer?.exact == 0 && score.noAnswer?.exact == 100 && score.all.exact == 50)
    }
}
