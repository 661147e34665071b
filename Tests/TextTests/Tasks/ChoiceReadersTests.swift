import Testing
import Text

struct ChoiceReadersTests {
    private static func article(_ id: String, _ questions: [String], _ answers: [String], options: Int = 4) -> String {
        let list = { (words: [String]) in "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
        let choices = list(["w", "x", "y", "z", "v"].prefix(options).map(\.self))
        return "{\"article\": \"Text \(id).\", \"questions\": \(list(questions)), \"answers\": \(list(answers)), "
            + "\"options\": [\(questions.map { _ in choices }.joined(separator: ", "))], \"id\": \"\(id)\"}"
    }

    @Test func raceIsReadFromFilesOfManyArticlesOrOne() throws {
        let directory = try TemporaryDirectory()
        try directory.makeFolder("RACE/train/middle")
        try directory.makeFolder("RACE/train/high")
        let first = Self.article("m1", ["He _ and _ .", "Why ?"], ["A", "D"])
        try directory.write("RACE/train/middle/all.txt", first + "\n" + Self.article("m2", ["Q"], ["B"]) + "\n")
        try directory.write("RACE/train/high/10.txt", Self.article("h10", ["Q"], ["C"]) + "\n")
        try directory.write("RACE/train/high/9.txt", Self.article("h9", ["Q"], ["C"]))
        var race = TaskData(try .named("race"), path: directory.path)
        let all = try race.choices(.train)
        #expect(all.examples.map(\.id) == ["m1-0", "m1-1", "m2-0", "h9-0", "h10-0"])
        #expect(all.examples.map(\.group) == ["middle", "middle", "middle", "high", "high"])
        #expect(all.examples.map(\.label) == [0, 3, 1, 2, 2])
        #expect(all.examples[0].choices.map(\.pair) == ["w", "x", "y", "z"].map { "He \($0) and \($0) ." })
        #expect(all.examples[1].choices[3] == .init(text: "Text m1.", pair: "Why ? z"))
        #expect(all.report.examples == 5 && all.report.paths.count == 3)
        race.levels = ["high"]
        #expect(try race.choices(.train).examples.map(\.id) == ["h9-0", "h10-0"])
        #expect(!race.contains(.development))
    }

    @Test(
        arguments: [
            (article("a", ["Q"], ["E"]), "all.txt:1: question 1: expected one of A, B, C, D as answer, got 'E'"),
            (article("a", ["Q", "R"], ["A"]), "all.txt:1: 2 questions, but 2 lists of options and 1 answers"),
            (article("a", ["Q"], ["A"], options: 5), "all.txt:1: question 1: expected 4 options, got 5"),
            ("{\"article\": \"a\"}", "all.txt:1: key questions is missing"), ("{", "all.txt:1: not valid JSON"),
        ])
    func damagedArticlesAreNamed(text: String, message: String) throws {
        let directory = try TemporaryDirectory()
        try directory.makeFolder("dev/middle")
        try directory.write("dev/middle/all.txt", text)
        var race = TaskData(try .named("race"), path: directory.path)
        race.levels = ["middle"]
        let error = #expect(throws: TextError.self) { try race.choices(.development) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func swagJoinsStartsAndEnds() throws {
        let directory = try TemporaryDirectory()
        let header = "i,video,fold,startphrase,sent1,sent2,gold,e0,e1,e2,e3,label\n"
        try directory.write("val.csv", header + "0,v,f7,x,\"On stage, a woman\",She,gold,sits.,\"a, b\",c,d,2\n")
        let swag = TaskData(try .named("swag"), path: directory.path)
        let example = try #require(swag.choices(.development).examples.first)
        #expect(example.id == "f7" && example.label == 2)
        #expect(example.choices.map(\.text) == Array(repeating: "On stage, a woman", count: 4))
        #expect(example.choices.map(\.pair) == ["She sits.", "She a, b", "She c", "She d"])
    }

    @Test func arcKeepsQuestionsWithFourChoices() throws {
        let directory = try TemporaryDirectory()
        func line(_ id: String, _ key: String, _ count: Int) -> String {
            let choices = (0..<count).map { "{\"text\": \"t\($0)\", \"para\": \"p_\($0)_\"}" }.joined(separator: ",")
            return
                "{\"id\": \"\(id)\", \"answerKey\": \"\(key)\", \"question\": {\"stem\": \"S\", \"choices\": [\(choices)]}}\n"
        }
        try directory.write("train.jsonl", line("a", "C", 4) + line("b", "A", 5) + line("c", "4", 4))
        let arc = try TaskData(.named("arc"), path: directory.path).choices(.train)
        #expect(arc.examples.map(\.id) == ["a", "c"] && arc.examples.map(\.label) == [2, 3])
        #expect(arc.examples[0].choices[1] == .init(text: "p1", pair: "S t1"))
        #expect(arc.report.skipped == [.otherChoiceCount: 1])
    }

    @Test func predictionsAreWrittenAsTheBenchmarksTakeThem() throws {
        let directory = try TemporaryDirectory()
        let path = { (name: String) in "\(directory.path)/\(name)" }
        let examples = ["7", "0"].map { ClassificationExample(id: $0, text: "") }
        try PredictionFiles.writeSubmission(
            examples.map(\.id), [.category("entailment"), .score(2.5)], to: path("s.tsv"))
        try PredictionFiles.writeNumbered([.category("no"), .score(2.5)], to: path("n.txt"))
        #expect(try directory.read("n.txt") == Array("index\tprediction\n0\tno\n1\t2.500\n".utf8))
        #expect(try directory.read("s.tsv") == Array("index\tprediction\n7\tentailment\n0\t2.5\n".utf8))
        try PredictionFiles.writeProbabilities([[0.25, 0.75], [1, 0]], to: path("p.tsv"))
        #expect(try directory.read("p.tsv") == Array("0.25\t0.75\n1.0\t0.0\n".utf8))
        let sentences = [TaggingExample(id: "", words: ["a", "b"]), TaggingExample(id: "", words: ["c"])]
        try PredictionFiles.writeTags(sentences, [["B-X"], ["O"]], to: path("t.txt"))
        #expect(try directory.read("t.txt") == Array("a B-X\nb O\n\nc O\n\n".utf8))
        #expect(try TaskDescription.named("mismnli").submissionName == "MNLI-mm.tsv")
        #expect(try TaskDescription.named("race").submissionName == nil)
    }
}
