import Testing
import Text

struct UserDataTests {
    private func read(
        _ name: String, _ text: String, _ split: DataSplit = .train, _ columns: TaskColumns = TaskColumns(),
        task: String = "classification"
    ) throws -> TaskExamples<ClassificationExample> {
        let directory = try TemporaryDirectory()
        try directory.write(name, text)
        var data = TaskData(try .named(task), path: directory.path)
        data.columns = columns
        return try data.classification(split)
    }

    private let columns = TaskColumns(text: "question", pair: "answer", label: "good")

    @Test(arguments: ["train.tsv", "train.csv"]) func columnsAreFoundByName(name: String) throws {
        // One table, once with each separator; in a CSV file quotation marks are markup.
        let isCSV = name.hasSuffix("csv")
        let table =
            isCSV
            ? "good,id,answer,question\r\nyes,7,\"an \"\"A\"\", and\nmore\",P\r\n\r\nno,8,B \"b\",Q\r\n"
            : "good\tid\tanswer\tquestion\nyes\t7\tan \"A\", and\tP\n\nno\t8\tB \"b\tQ\n"
        let examples = try read(name, table, .train, columns).examples
        #expect(examples.map(\.text) == ["P", "Q"])
        #expect(examples.map(\.pair) == [isCSV ? "an \"A\", and\nmore" : "an \"A\", and", isCSV ? "B \"b\"" : "B \"b"])
        #expect(examples.map(\.label) == [.category("yes"), .category("no")])
        #expect(examples.map(\.id) == ["train-1", "train-2"])
    }

    @Test func jsonLabelsAreWordsNumbersOrLists() throws {
        let lines =
            "{\"text\": \"a\\tb\", \"label\": 3}\n\n{\"label\": true, \"text\": \"b\", \"extra\": {\"x\": [null]}}\n"
        let examples = try read("train.jsonl", lines).examples
        #expect(examples.map(\.label) == [.category("3"), .category("true")])
        #expect(examples.map(\.text) == ["a\tb", "b"] && examples.map(\.id) == ["train-1", "train-3"])
        let scores = try read(
            "dev.jsonl", "{\"text\": \"a\", \"label\": 3}\n", .development, task: "regression"
        ).examples
        #expect(scores.map(\.label) == [.score(3)])
        let sets = "{\"text\": \"a\", \"label\": [\"x\", 2]}\n{\"text\": \"b\", \"label\": []}\n"
        #expect(
            try read("train.jsonl", sets, task: "multi-label").examples.map(\.label)
                == [.categories(["x", "2"]), .categories([])])
        let table = "text\tlabel\na\tx|y\nb\t\n"
        #expect(
            try read("train.tsv", table, task: "multi-label").examples.map(\.label)
                == [.categories(["x", "y"]), .categories([])])
    }

    @Test func onlyTestFilesMayLackLabels() throws {
        for (name, text) in [("test.jsonl", "{\"text\": \"a\"}\n"), ("test.csv", "text\na\n")] {
            #expect(try read(name, text, .test).examples.map(\.label) == [nil])
            let train = name.replacing("test", with: "train")
            #expect(throws: TextError.self) { try read(train, text) }
        }
    }

    @Test(
        arguments: [
            ("train.tsv", "text\tlabel\na\tx\nb\n", "train.tsv:3: expected 2 columns as in the header, got 1"),
            ("train.tsv", "text\tlabel\na\tx\nb\ty\tz\n", "train.tsv:3: expected 2 columns as in the header, got 3"),
            ("train.csv", "text,class\na,x\n", "train.csv:1: no column is called 'label'; the columns are text, class"),
            ("train.csv", "text,label,text\na,x,b\n", "train.csv:1: column 'text' comes 2 times"),
            ("train.csv", "text,label\n\"a,x\nb,y\n", "train.csv:2: a quotation mark is never closed"),
            ("train.csv", "text,labels\na,x\n", "the columns are text, labels; did you mean labels?"),
            ("train.csv", "text,label\n ,x\n", "train.csv:2: column 'text' has no text"),
            ("train.jsonl", "\n{\"text\": \"\", \"label\": 1}\n", "train.jsonl:2: key 'text' has no text"),
            (
                "train.jsonl", "{\"text\": \"a\", \"label\": null}\n",
                "train.jsonl:1: key 'label' is null, expected a label"
            ),
            ("train.jsonl", "{\"txt\": \"a\"}\n", "no key is called 'text'; the keys are txt; did you mean txt?"),
            ("train.csv", "text,label\na,\n", "train.csv:2: column 'label' is empty"),
            (
                "train.jsonl", "{\"text\": \"a\", \"label\": \"x\"}\n{\"text\"\n",
                "train.jsonl:2: expected a JSON object"
            ),
            (
                "train.jsonl", "{\"text\": 7, \"label\": \"x\"}\n",
                "train.jsonl:1: key 'text': expected a text, got a number"
            ),
            ("train.jsonl", "{\"text\": \"a\", \"label\": [1]}\n", "key 'label': expected a label, got a list"),
        ])
    func damagedRowsAreNamed(name: String, text: String, message: String) throws {
        let error = #expect(throws: TextError.self) { try read(name, text) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func filesAreFoundByTheirNamesOrAsTold() throws {
        let directory = try TemporaryDirectory()
        let whole = try directory.write("mine.csv", "text,label\na,x\n")
        try directory.write("validation.jsonl", "{\"text\": \"b\", \"label\": \"x\"}\n")
        var data = TaskData(try .named("classification"), path: directory.path)
        #expect(!data.contains(.train) && data.contains(.development))
        data.trainFile = "mine.csv"
        #expect(try data.classification(.train).examples.map(\.text) == ["a"])
        data.trainFile = whole
        #expect(data.contains(.train))
        let single = TaskData(try .named("classification"), path: whole)
        #expect(single.contains(.train) && !single.contains(.development))
        #expect(throws: TextError.self) { try single.tagging(.train) }
    }

    // MARK: Labels

    @Test func labelsAreThoseOfTheTaskOrTheFileOrTheData() throws {
        let directory = try TemporaryDirectory()
        var data = TaskData(try .named("classification"), path: directory.path)
        let examples = { (labels: [String]) in
            labels.map { ClassificationExample(id: "", text: "", label: .category($0)) }
        }
        #expect(try data.labels(in: examples(["b", "10", "a", "b"])) == ["10", "a", "b"])
        #expect(try data.labels(in: examples(["10", "9", "-1", "9"])) == ["-1", "9", "10"])
        try directory.write("labels.txt", "b\na\n")
        #expect(try data.labels(in: examples(["a"])) == ["b", "a"])
        let mnli = TaskData(try .named("mnli"), path: directory.path)
        #expect(try mnli.labels(in: examples([])) == ["contradiction", "entailment", "neutral"])

        try directory.write("dev.tsv", "text\tlabel\nq\ta\nr\tc\n")
        data.knownLabels = ["b", "a"]
        let unseen = #expect(throws: TextError.self) { try data.classification(.development) }
        #expect(unseen?.message.hasSuffix("dev.tsv:3: expected one of b, a as label, got 'c'") == true)
        try directory.write("labels.txt", "b\na\nb\n")
        #expect(throws: TextError.self) { try data.labels(in: examples(["a"])) }
    }

    // MARK: Tagging

    @Test func sentencesEndAtEmptyLinesAndDocumentMarks() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "train.txt",
            "-DOCSTART- -X- -X- O\n\nEU NNP I-NP B-ORG\nrejects VBZ I-VP O\n \nBonn\tB-LOC\n-DOCSTART- O\n. O")
        let data = TaskData(try .named("conll2003"), path: directory.path)
        let train = try data.tagging(.train)
        #expect(train.examples.map(\.words) == [["EU", "rejects"], ["Bonn"], ["."]])
        #expect(train.examples.map(\.tags) == [["B-ORG", "O"], ["B-LOC"], ["O"]])
        #expect(train.examples.map(\.id) == ["train-1", "train-2", "train-3"] && train.report.examples == 3)
        try directory.write("test.txt", "EU\nrejects\n\n")
        #expect(try data.tagging(.test).examples == [TaggingExample(id: "test-1", words: ["EU", "rejects"])])
    }

    @Test(
        arguments: [
            ("train.txt", "EU B-ORG\nrejects\n", "train.txt:2: expected a word and a tag, got one field"),
            ("test.txt", "EU\nrejects O\n", "test.txt:2: a tag, but the lines before have none"),
            ("train.txt", "EU B-ORGA\n", "train.txt:1: expected one of O, B-MISC"),
            ("train.txt", "\n\n", "no sentence"),
        ])
    func damagedTagsAreNamed(name: String, text: String, message: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write(name, text)
        let data = TaskData(try .named("conll2003"), path: directory.path)
        let error = #expect(throws: TextError.self) { try data.tagging(name == "test.txt" ? .test : .train) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
}
