import Foundation
import Testing
import Text

@Suite struct SquadFileTests {
    private static func paragraph(_ questions: String) -> String {
        #"{"data": [{"title": "T", "paragraphs": [{"context": "no", "qas": []}, {"context": "👩‍👩‍👧 é cat", "qas": [\#(questions)]}]}]}"#
    }

    @Test func bothVersionsAreRead() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            "dev.json",
            Self.paragraph(
                #"""
                {"id": "1", "question": "What?", "answers": [{"text": "cat", "answer_start": 8}, {"text": "é", "answer_start": 6}]},
                {"id": "2", "question": "Who\u0000?", "is_impossible": true, "answers": [], "plausible_answers": [{"text": "cat", "answer_start": 8}]},
                {"id": "3", "question": "", "is_impossible": false}
                """#))
        let examples = try SquadFile.read(path)
        #expect(examples.map(\.id) == ["1", "2", "3"])
        #expect(examples.map(\.isImpossible) == [false, true, false])
        #expect(examples.map(\.paragraph) == [1, 1, 1] && examples[0].title == "T")
        #expect(examples[0].answers.map(\.text) == ["cat", "é"] && examples[0].answers.map(\.start) == [8, 6])
        #expect(examples[1].question == "Who\0?" && examples[1].answers.isEmpty && examples[2].answers.isEmpty)
    }

    @Test(arguments: [
        (#"{"question": "?", "answers": []}"#, "key data[0].paragraphs[1].qas[0].id is missing"),
        (#"{"id": "a7", "answers": []}"#, "key data[0].paragraphs[1].qas[0].question is missing (question a7)"),
        (#"{"id": "a7", "question": 3}"#, "key data[0].paragraphs[1].qas[0].question is no text (question a7)"),
        (
            #"{"id": "a7", "question": "?", "answers": [{"text": "cat"}]}"#,
            "key data[0].paragraphs[1].qas[0].answers[0].answer_start is missing (question a7)"
        ),
        (
            #"{"id": "a7", "question": "?", "answers": {"text": ["cat"]}}"#,
            "key data[0].paragraphs[1].qas[0].answers is no array (question a7)"
        ),
        (
            #"{"id": "a7", "question": "?", "answers": [{"text": "cat", "answer_start": "8"}]}"#,
            "key data[0].paragraphs[1].qas[0].answers[0].answer_start is no integer (question a7)"
        ),
        (
            #"{"id": "a7", "question": "?", "answers": [{"text": "cat", "answer_start": 11}]}"#,
            "data[0].paragraphs[1].qas[0].answers[0].answer_start: expected a place in the passage of 11 characters, got 11 (question a7)"
        ),
        (
            #"{"id": "a7", "question": "?", "answers": [{"text": "cat", "answer_start": -1}]}"#,
            "got -1 (question a7)"
        ),
        (#"{"id": "a7", "question": "?", "is_impossible": "no"}"#, "is_impossible is no boolean (question a7)"),
        ("", "expected questions under data[].paragraphs[].qas[], got none"),
        (#"{"id": "#, "not valid JSON"),
    ])
    func whatIsWrongIsNamed(questions: String, message: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("bad.json", Self.paragraph(questions))
        let error = #expect(throws: TextError.self) { try SquadFile.read(path) }
        #expect(error?.code == .malformedDataset)
        #expect(error?.message.hasPrefix("\(path): ") == true && error?.message.contains(message) == true)
        #expect(error?.message.contains("\n") == false, "\(error?.message ?? "")")
    }

    @Test func otherFilesAreRefused() throws {
        let directory = try TemporaryDirectory()
        for text in [
            "", "[]", "{}", #"{"data": 3}"#, #"{"data": [{"id": "1"}]}"#, "\u{0}", #"{"data": [{"paragraphs": [{}]}]}"#,
        ] {
            let path = try directory.write("other.json", text)
            let error = #expect(throws: TextError.self) { try SquadFile.read(path) }
            #expect(error?.message.hasPrefix("\(path): ") == true, "\(text)")
        }
        #expect(throws: TextError.self) { try SquadFile.read("\(directory.path)/absent.json") }
        let broken = try directory.write("broken.json", [0x7B, 0x22, 0xFF, 0xFE])
        #expect(throws: TextError.self) { try SquadFile.read(broken) }
    }

    @Test func splittingKeepsParagraphsTogether() throws {
        let examples = (0..<100).map { QuestionExample(id: "\($0)", question: "", passage: "", paragraph: $0 / 5) }
        let (train, test) = try QuestionExample.split(examples, trainShare: 0.8, seed: 1)
        #expect(train.count == 80 && test.count == 20)
        #expect(Set(train.map(\.paragraph)).isDisjoint(with: Set(test.map(\.paragraph))))
        #expect(train.map { Int($0.id) ?? -1 } == train.map { Int($0.id) ?? -1 }.sorted())
        let again = try QuestionExample.split(examples, trainShare: 0.8, seed: 1)
        #expect(again.test == test)
        #expect(try QuestionExample.split(examples, trainShare: 0.8, seed: 2).test != test)
        #expect(try QuestionExample.split(examples, trainShare: 1, seed: 1).test.isEmpty)
        #expect(try QuestionExample.split([], trainShare: 0.5, seed: 1).train.isEmpty)
        for share in [-0.1, 1.1, .nan] {
            #expect(throws: TextError.self) { try QuestionExample.split(examples, trainShare: share, seed: 1) }
        }
    }

    @Test(.enabled(if: Self.sharedFile != nil, "TROUPE_SHARED_DATA does not name a directory with squad/xquad.en.json"))
    func aRealFileIsReadAndSplit() throws {
        let examples = try SquadFile.read(try #require(Self.sharedFile))
        #expect(examples.count == 1190 && Set(examples.map(\.id)).count == 1190)
        #expect(Set(examples.map(\.paragraph)).count == 240)
        for example in examples {
            let scalars = Array(example.passage.unicodeScalars)
            for answer in example.answers {
                #expect(scalars[answer.start...].starts(with: answer.text.unicodeScalars), "\(example.id)")
            }
        }
        let (train, test) = try QuestionExample.split(examples, trainShare: 0.8, seed: 42)
        #expect(Set(train.map(\.paragraph)).count == 192 && Set(test.map(\.paragraph)).count == 48)
    }

    private static let sharedFile: String? = {
        guard let root = ProcessInfo.processInfo.environment["TROUPE_SHARED_DATA"] else { return nil }
        let path = "\(root)/squad/xquad.en.json"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()
}
