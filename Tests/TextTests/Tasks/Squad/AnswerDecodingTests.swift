import Foundation
import Testing
import Text

@Suite struct AnswerDecodingTests {
    private struct Reference: Decodable {
        let vocabulary: [String]
        let groups: [Group]
        let texts: [Projection]
    }

    /// [predicted, original, lower-cased, expected]
    private struct Projection: Decodable {
        let predicted: String
        let original: String
        let lowercases: Bool
        let expected: String

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            predicted = try container.decode(String.self)
            original = try container.decode(String.self)
            lowercases = try container.decode(Bool.self)
            expected = try container.decode(String.self)
        }
    }

    private struct Group: Decodable {
        let inputs: AnswerGroup
        /// Predictions, candidates and null odds; the files themselves of one group.
        let asWritten: [[[UInt8]]]?
        let predictions: [[String: String]]
        let candidates: [[String: [SquadFixture.Candidate]]]
        let odds: [String: Double]

        enum Key: CodingKey { case version1, version2, asWritten }

        init(from decoder: any Decoder) throws {
            inputs = try AnswerGroup(from: decoder)
            let container = try decoder.container(keyedBy: Key.self)
            guard try container.decode(Bool.self, forKey: .asWritten) else {
                var first = try container.nestedUnkeyedContainer(forKey: .version1)
                var second = try container.nestedUnkeyedContainer(forKey: .version2)
                predictions = [try first.decode([String: String].self), try second.decode([String: String].self)]
                candidates = [
                    try first.decode([String: [SquadFixture.Candidate]].self),
                    try second.decode([String: [SquadFixture.Candidate]].self),
                ]
                odds = try second.decode([String: Double].self)
                asWritten = nil
                return
            }
            let files = try [Key.version1, .version2].map {
                try container.decode([Data].self, forKey: $0)
            }
            predictions = try files.map { try JSONDecoder().decode([String: String].self, from: $0[0]) }
            candidates = try files.map {
                try JSONDecoder().decode([String: [SquadFixture.Candidate]].self, from: $0[1])
            }
            odds = try JSONDecoder().decode([String: Double].self, from: files[1][2])
            asWritten = files.map { $0.map { [UInt8]($0) } }
        }
    }

    private static let golden = Result { try SquadFixture.read("squad-answers", as: Reference.self) }
    private static let lowercased = AnswerWording.words(WordPieceSettings())

    @Test func textsAreProjectedLikeTheReference() throws {
        for test in try Self.golden.get().texts {
            let original = Array(test.original.unicodeScalars)
            let range = AnswerWording.project(
                Array(test.predicted.unicodeScalars), onto: original,
                WordPieceSettings(lowercases: test.lowercases))
            let text = String(String.UnicodeScalarView(original[range]))
            #expect(
                text.unicodeScalars.elementsEqual(test.expected.unicodeScalars),
                "\(test.predicted.debugDescription) in \(test.original.debugDescription)")
        }
    }

    @Test(arguments: [false, true]) func answersAreThoseOfTheReference(version2: Bool) throws {
        let golden = try Self.golden.get()
        let tokenizer = try SquadFixture.tokenizer(golden.vocabulary)
        for (index, group) in golden.groups.enumerated() {
            let inputs = group.inputs
            let features = try QuestionFeatures(
                inputs.questions, tokenizer: tokenizer, purpose: .prediction, windowing: inputs.windowing)
            var settings = inputs.settings
            settings.allowsNoAnswer = version2
            let answers = try features.answers(
                inputs.questions, inputs.spanScores, tokenizer: tokenizer, wording: Self.lowercased, settings: settings,
                threads: 2)
            for answer in answers {
                let label: Comment = "group \(index), \(answer.id)"
                let expected = try #require(group.candidates[version2 ? 1 : 0][answer.id])
                #expect(answer.text == group.predictions[version2 ? 1 : 0][answer.id], label)
                #expect(answer.nullOdds == (version2 ? group.odds[answer.id] : nil), label)
                #expect(answer.candidates.map { Array($0.text.utf8) } == expected.map { Array($0.text.utf8) }, label)
                #expect(answer.candidates.map(\.startScore) == expected.map(\.startScore), label)
                #expect(answer.candidates.map(\.endScore) == expected.map(\.endScore), label)
                for (ours, theirs) in zip(answer.candidates, expected) {
                    #expect(abs(ours.probability - theirs.probability) < 1e-14, label)
                }
            }
            guard let files = group.asWritten?[version2 ? 1 : 0] else { continue }
            let directory = try TemporaryDirectory()
            try AnswerFiles.write(answers, directory: directory.path)
            let names = [AnswerFiles.predictions, AnswerFiles.candidates, AnswerFiles.nullOdds]
            #expect(directory.contains(AnswerFiles.nullOdds) == version2)
            for (name, bytes) in zip(names, files) { #expect(try directory.read(name) == bytes, "\(name)") }
            let read = try AnswerFiles.readPredictions("\(directory.path)/\(AnswerFiles.predictions)")
            #expect(read == group.predictions[version2 ? 1 : 0])
        }
    }

    @Test func placesOfCandidatesSpellTheirTexts() throws {
        let golden = try Self.golden.get()
        let tokenizer = try SquadFixture.tokenizer(golden.vocabulary)
        var checked = 0
        for group in golden.groups {
            let questions = group.inputs.questions
            let features = try QuestionFeatures(
                questions, tokenizer: tokenizer, purpose: .prediction, windowing: group.inputs.windowing)
            let answers = try features.answers(
                questions, group.inputs.spanScores, tokenizer: tokenizer, wording: Self.lowercased)
            for (answer, question) in zip(answers, questions) {
                let scalars = Array(question.passage.unicodeScalars)
                for candidate in answer.candidates {
                    guard let range = candidate.range else { continue }
                    // Blanks between words count as one space in the text.
                    let blanks: [Unicode.Scalar] = [" ", "\t", "\r", "\n", "\u{202F}"]
                    let words = scalars[range].split { blanks.contains($0) }
                    #expect(words.joined(separator: [" "]).elementsEqual(candidate.text.unicodeScalars))
                    checked += 1
                }
                #expect(answer.answer?.text == answer.text || answer.text == "empty")
            }
        }
        #expect(checked > 200)
    }
}
