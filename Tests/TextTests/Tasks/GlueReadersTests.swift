import Testing
import Text

struct GlueReadersTests {
    private func examples(
        _ task: String, _ files: [String: String], _ split: DataSplit
    ) throws -> TaskExamples<ClassificationExample> {
        let directory = try TemporaryDirectory()
        for (name, text) in files { try directory.write(name, text) }
        return try TaskData(.named(task), path: directory.path).classification(split)
    }

    /// A line of so many columns named by their index, with these in place.
    private func row(_ count: Int, _ columns: [Int: String]) -> String {
        (0..<count).map { columns[$0] ?? "c\($0)" }.joined(separator: "\t") + "\n"
    }

    @Test(
        arguments: [
            ("cola", 4, 1, "1", [3]), ("sst-2", 2, 1, "0", [0]), ("mrpc", 5, 0, "1", [3, 4]),
            ("sts-b", 10, 9, "2.75", [7, 8]), ("qqp", 6, 5, "0", [3, 4]), ("mnli", 12, 11, "neutral", [8, 9]),
            ("qnli", 4, 3, "not_entailment", [1, 2]), ("rte", 4, 3, "entailment", [1, 2]), ("wnli", 4, 3, "1", [1, 2]),
        ] as [(String, Int, Int, String, [Int])])
    func textsAndLabelsComeFromTheirColumns(
        task: String, count: Int, labelColumn: Int, label: String, texts: [Int]
    ) throws {
        let header = task == "cola" ? "" : row(count, [:])
        let result = try examples(task, ["train.tsv": header + row(count, [labelColumn: label])], .train)
        let expected = ClassificationExample(
            id: task == "cola" ? "train-0" : "train-1", text: "c\(texts[0])",
            pair: texts.count > 1 ? "c\(texts[1])" : nil,
            label: task == "sts-b" ? .score(2.75) : .category(label))
        #expect(result.examples == [expected])
    }

    @Test(
        arguments: [
            ("cola", "test.tsv", [1]), ("sst-2", "test.tsv", [1]), ("mrpc", "test.tsv", [3, 4]),
            ("sts-b", "test.tsv", [7, 8]), ("qqp", "test.tsv", [1, 2]), ("mnli", "test_matched.tsv", [8, 9]),
            ("mismnli", "test_mismatched.tsv", [8, 9]), ("qnli", "test.tsv", [1, 2]), ("ax", "diagnostic.tsv", [1, 2]),
        ] as [(String, String, [Int])])
    func testFilesHaveTheirOwnColumnsAndNoLabels(task: String, file: String, texts: [Int]) throws {
        let count = (texts.max() ?? 0) + 1
        let result = try examples(task, [file: row(count, [:]) + row(count, [0: "77"])], .test)
        let expected = ClassificationExample(
            id: "77", text: "c\(texts[0])", pair: texts.count > 1 ? "c\(texts[1])" : nil)
        #expect(result.examples == [expected])
    }

    @Test func theFolderOfTheBenchmarkIsFound() throws {
        let directory = try TemporaryDirectory()
        try directory.makeFolder("MNLI")
        let text = row(12, [:]) + row(12, [11: "entailment"])
        for part in ["matched", "mismatched"] { try directory.write("MNLI/dev_\(part).tsv", text) }
        for name in ["MNLI", "mnli-mm"] {
            let data = try TaskData(.named(name), path: directory.path)
            #expect(try data.classification(.development).examples.map(\.id) == ["dev-1"])
            #expect(!data.contains(.train))
        }
    }

    @Test func quotationMarksAndByteOrderMarksAreNoMarkup() throws {
        let result = try examples(
            "cola", ["dev.tsv": "\u{FEFF}a\t1\t\t\"He left\r\nb\t0\t*\tHe \"left\"\"\n"], .development)
        #expect(result.examples.map(\.text) == ["\"He left", "He \"left\"\""])
    }

    @Test func shortRowsOfQuestionPairsAreCountedAndLeftOut() throws {
        let text = row(6, [:]) + row(5, [:]) + row(6, [5: "1"]) + row(2, [:])
        let result = try examples("qqp", ["train.tsv": text], .train)
        #expect(result.examples.map(\.id) == ["train-2"])
        #expect(result.report.skipped == [.tooFewColumns: 2])
        #expect(result.report.summary == "train.tsv: 1 examples, skipped 2 too_few_columns")
    }

    @Test(
        arguments: [
            ("rte", "h\n0\ta\tb\tentailment\n1\ta\tb\n", "train.tsv:3: expected at least 4 columns, got 3"),
            ("cola", "a\t1\t\tx\na\t2\t\tx\n", "train.tsv:2: expected one of 0, 1 as label, got '2'"),
            ("sts-b", "h\n0\t1\t2\t3\t4\t5\t6\ta\tb\tnan\n", "train.tsv:2: expected a number as label, got 'nan'"),
            ("rte", "h\n", "no example is in it"),
        ])
    func damagedRowsAreNamedByLine(task: String, text: String, message: String) throws {
        let error = #expect(throws: TextError.self) { try examples(task, ["train.tsv": text], .train) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func bytesThatAreNoTextAreNamedByLineAndColumn() throws {
        let directory = try TemporaryDirectory()
        try directory.write("train.tsv", Array("a\t1\t\tfine\na\t1\t\t".utf8) + [0xFF, 0x0A])
        let error = #expect(throws: TextError.self) {
            try TaskData(.named("cola"), path: directory.path).classification(.train)
        }
        #expect(error?.message.hasSuffix("train.tsv:2: column 3: not valid UTF-8") == true)
    }

    @Test func missingFilesAndUnknownTasksAreNamed() throws {
        let missing = #expect(throws: TextError.self) { try examples("rte", [:], .development) }
        #expect(missing?.code == .unreadable && missing?.message.contains("/RTE/dev.tsv") == true)
        let unknown = #expect(throws: TextError.self) { try TaskDescription.named("colla") }
        #expect(unknown?.message.hasPrefix("no task is called 'colla'; expected one of cola, sst-2, mrpc") == true)
        for name in TaskDescription.names { #expect(try TaskDescription.named(name.uppercased()).name == name) }
    }

    @Test func theOtherLanguagesOfXNLIAreLeftOut() throws {
        let directory = try TemporaryDirectory()
        try directory.makeFolder("XNLI-1.0")
        try directory.makeFolder("XNLI-MT-1.0/multinli")
        try directory.write("XNLI-MT-1.0/multinli/multinli.train.fr.tsv", "premise\thypo\tlabel\nA\tB\tcontradictory\n")
        try directory.write(
            "XNLI-1.0/xnli.test.tsv",
            row(8, [:]) + row(8, [0: "de", 1: "neutral"]) + row(8, [0: "fr", 1: "entailment"]))
        let data = try TaskData(.named("xnli-fr"), path: directory.path)
        #expect(
            try data.classification(.train).examples
                == [ClassificationExample(id: "train-1", text: "A", pair: "B", label: .category("contradiction"))])
        let test = try data.classification(.test)
        #expect(
            test.examples
                == [ClassificationExample(id: "test-2", text: "c6", pair: "c7", label: .category("entailment"))])
        #expect(test.report.skipped == [.otherLanguage: 1])
    }
}
