import Foundation
import Testing
import Text

/// A directory with public data sets as they are published.
private let sharedData: String? = {
    guard let root = ProcessInfo.processInfo.environment["TROUPE_SHARED_DATA"] else { return nil }
    return FileManager.default.fileExists(atPath: "\(root)/glue/CoLA/train.tsv") ? root : nil
}()

/// The published files themselves, where they are at hand.
@Suite(.enabled(if: sharedData != nil, "TROUPE_SHARED_DATA does not name a directory with glue"))
struct SharedTaskDataTests {
    private func data(_ name: String, _ folder: String) throws -> TaskData {
        TaskData(try .named(name), path: "\(try #require(sharedData))/\(folder)")
    }

    @Test func colaHasItsPublishedSizes() throws {
        let train = try data("CoLA", "glue").classification(.train)
        #expect(train.examples.count == 8551 && train.report.skipped.isEmpty)
        #expect(train.examples.count { $0.label == .category("1") } == 6023)
        #expect(train.examples[0].text == "Our friends won't buy this analysis, let alone the next one we propose.")
        #expect(train.examples[0].id == "train-0")
        #expect(try data("cola", "glue/CoLA").classification(.development).examples.count == 527)
        #expect(try data("cola", "glue").contains(.test) == false)
    }

    @Test func mrpcIsReadFromTheCorpusOfItsAuthors() throws {
        let mrpc = try data("MRPC", "glue")
        let train = try mrpc.classification(.train)
        #expect(train.examples.count == 4076)
        #expect(train.examples.count { $0.label == .category("1") } == 2753)
        let first = try #require(train.examples.first)
        #expect(first.text.hasPrefix("Amrozi accused his brother, whom he called \"the witness\", of"))
        #expect(first.pair?.hasPrefix("Referring to him as only \"the witness\", Amrozi") == true)
        for split in [DataSplit.development, .test] {
            let part = try mrpc.classification(split)
            #expect(part.examples.count == 1725)
            #expect(part.examples.count { $0.label == .category("1") } == 1147)
        }
    }

    @Test func sst2WithoutHeaderLosesNoLine() throws {
        let sst2 = try data("sst2", "glue")
        #expect(try sst2.classification(.train).examples.count == 6920)
        #expect(try sst2.classification(.development).examples.count == 872)
        let test = try sst2.classification(.test)
        #expect(test.examples.count == 1821)
        #expect(test.examples.first?.label == .category("0"))
        #expect(test.examples.first?.text == "no movement , no yuks , not much of anything")
    }

    @Test func chemprotIsReadByKey() throws {
        var chemprot = try data("classification", "chemprot")
        let counts = try [DataSplit.train, .development, .test].map { try chemprot.classification($0).examples.count }
        #expect(counts == [4169, 2427, 3469])
        let labels = try chemprot.labels(in: chemprot.classification(.train).examples)
        #expect(labels.count == 13 && labels.first == "ACTIVATOR" && labels == labels.sorted())
        chemprot.columns.text = "sentence"
        let error = #expect(throws: TextError.self) { try chemprot.classification(.train) }
        #expect(
            error?.message.hasSuffix("train.jsonl:1: no key is called 'sentence'; the keys are label, metadata, text")
                == true)
    }

    @Test func trecIsReadThoughItsColumnsAreBlanksApart() throws {
        var trec = try data("classification", "trec")
        trec.trainFile = "labeled.tsv"
        trec.columns = TaskColumns(text: "utterance", label: "fine_label")
        let train = try trec.classification(.train)
        #expect(train.examples.count == 109)
        #expect(train.examples[0].label == .category("NUM:count"))
        #expect(
            train.examples[0].text.hasPrefix("How many pitchers occupy the shelf beside the crouching woman in Edgar"))
        #expect(try trec.classification(.test).examples.count == 500)
    }

    @Test func sciercIsReadAsSentences() throws {
        let scierc = try data("tagging", "ner-scierc")
        let train = try scierc.tagging(.train)
        #expect(train.examples.count == 1861)
        #expect(train.examples.reduce(0) { $0 + $1.words.count } == 45412)
        #expect(train.examples.allSatisfy { $0.words.count == $0.tags?.count })
        #expect(train.examples[0].words.prefix(3) == ["English", "is", "shown"])
        let labels = try scierc.labels(in: train.examples)
        #expect(labels.contains("I-Material") && labels.contains("B-Task") && labels.last == "O" && labels.count == 10)
    }
}
