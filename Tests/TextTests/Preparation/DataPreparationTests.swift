import Foundation
import Testing
import Text

@Suite struct DataPreparationTests {
    private func preparation(_ directory: TemporaryDirectory, documents: Int = 300) throws -> DataPreparation {
        let file = try directory.write("corpus.txt", Prose.text(Prose.documents(documents, seed: 61)))
        var training = SentencePieceTraining()
        training.vocabularySize = 150
        training.threads = 1
        var preparation = DataPreparation(
            input: .plainText(paths: [file], layout: .sentences), vocabulary: .trained(training))
        preparation.parameters.maxSequenceLength = 48
        preparation.parameters.duplicateFactor = 3
        preparation.heldoutShare = 0.1
        return preparation
    }

    private func contents(_ path: String) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        let files = FileManager.default
        for name in try files.subpathsOfDirectory(atPath: path) {
            contents[name] = files.contents(atPath: "\(path)/\(name)").map { [UInt8]($0) }
        }
        return contents
    }

    @Test(.timeLimit(.minutes(1))) func threadsDoNotChangeAByte() throws {
        let directory = try TemporaryDirectory()
        var preparation = try preparation(directory)
        let alone = try preparation.run(directory: "\(directory.path)/one")
        preparation.threads = 4
        let together = try preparation.run(directory: "\(directory.path)/four")
        #expect(alone == together)
        let files = try contents("\(directory.path)/one")
        #expect(files == (try contents("\(directory.path)/four")))
        #expect(files["train/manifest.json"] != nil && files["heldout/00000.records"] != nil)
        #expect(files["tokenizer/spiece.model"] != nil && files["tokenizer/spiece.vocab"] != nil)
        #expect(files.keys.allSatisfy { !$0.contains("partial") && !$0.contains("staging") }, "\(files.keys.sorted())")
    }

    @Test(.timeLimit(.minutes(1))) func theSplitsShareTheDocumentsOut() throws {
        let directory = try TemporaryDirectory()
        let summary = try preparation(directory).run(directory: "\(directory.path)/out")
        let heldout = try #require(summary.heldout)
        #expect(summary.train.documents + heldout.documents == 300)
        #expect((15...50).contains(heldout.documents), "\(heldout.documents) of 300 held out")
        #expect(summary.train.sentences + heldout.sentences == summary.report.sentences)
        let train = try RecordDataset(directory: "\(directory.path)/out/train")
        #expect(train.count == summary.train.records && train.manifest.parameters.duplicateFactor == 3)
        let evaluation = try RecordDataset(directory: "\(directory.path)/out/heldout")
        #expect(evaluation.manifest.parameters.duplicateFactor == 1)
        // Frequencies of another sample fit worse than one's own, and both better than knowing nothing.
        #expect(evaluation.manifest.unigramCrossEntropy > 1)
        #expect(evaluation.manifest.unigramCrossEntropy < Foundation.log(150.0))
    }

    @Test(.timeLimit(.minutes(1))) func recordsObeyTheirParameters() throws {
        let directory = try TemporaryDirectory()
        _ = try preparation(directory).run(directory: "\(directory.path)/out")
        let dataset = try RecordDataset(directory: "\(directory.path)/out/train")
        let tokenizer = try SentencePieceTokenizer(path: "\(directory.path)/out/tokenizer/spiece.model")
        #expect(dataset.manifest.vocabularySha256 == tokenizer.digest)
        for index in 0..<dataset.count {
            let record = try dataset.record(at: index)
            let count = record.inputIDs.count
            var original = record.inputIDs
            for (position, id) in zip(record.maskedPositions, record.maskedIDs) { original[Int(position)] = id }
            #expect(count <= 48 && original[0] == 2 && original[count - 1] == 3, "record \(index)")
            #expect(original.filter { $0 == 3 }.count == 2 && original.filter { $0 == 2 }.count == 1, "record \(index)")
            #expect(!original.contains(4), "record \(index): the unmasked text holds no mask")
            #expect(record.segmentIDs.firstIndex(of: 1) == (original.firstIndex(of: 3) ?? 0) + 1, "record \(index)")
            let budget = min(20, max(1, Int((Double(count) * 0.15).rounded(.toNearestOrEven))))
            #expect(record.maskedIDs.count <= budget, "record \(index)")
            #expect(record.tokenBoundary == original.map { tokenizer.isWordStart[Int($0)] ? 1 : 0 }, "record \(index)")
        }
    }

    @Test(.timeLimit(.minutes(1))) func theSameRecipeIsReusedAndAnotherIsNot() throws {
        let directory = try TemporaryDirectory()
        var preparation = try preparation(directory, documents: 100)
        let output = "\(directory.path)/out"
        #expect(try !preparation.run(directory: output).isReused)
        let before = try contents(output)
        var phases: Set<String> = []
        #expect(try preparation.run(directory: output) { phases.insert($0.phase) }.isReused)
        #expect(phases == ["read"])
        #expect(try contents(output) == before)

        preparation.parameters.seed += 1
        let other = try preparation.run(directory: output)
        #expect(!other.isReused)
        #expect(try contents(output)["train/00000.records"] != before["train/00000.records"])

        // A damaged dataset is made anew.
        try directory.write("out/train/00000.records", "gone")
        let repaired = try preparation.run(directory: output)
        #expect(!repaired.isReused && repaired.train == other.train)

        // So is one whose text has changed.
        try directory.write("corpus.txt", Prose.text(Prose.documents(100, seed: 62)))
        #expect(try !preparation.run(directory: output).isReused)
    }

    @Test(.timeLimit(.minutes(1))) func anExistingVocabularyIsUsedAsItIs() throws {
        let directory = try TemporaryDirectory()
        var preparation = try preparation(directory, documents: 100)
        _ = try preparation.run(directory: "\(directory.path)/one")
        preparation.vocabulary = .model(path: "\(directory.path)/one/tokenizer/spiece.model")
        preparation.parameters = .bert
        let summary = try preparation.run(directory: "\(directory.path)/two")
        let first = try contents("\(directory.path)/one")
        #expect(try contents("\(directory.path)/two")["tokenizer/spiece.model"] == first["tokenizer/spiece.model"])
        #expect(summary.train.positivePairShare > 0.4)
    }

    @Test(.timeLimit(.minutes(1))) func aDirectoryOpensOnlyWithItsOwnVocabulary() throws {
        let directory = try TemporaryDirectory()
        let summary = try preparation(directory, documents: 100).run(directory: "\(directory.path)/out")
        let data = try PreparedData(directory: "\(directory.path)/out")
        #expect(data.train.manifest.digest == summary.train.digest)
        #expect(data.heldout?.manifest.digest == summary.heldout?.digest)
        #expect(data.tokenizer.vocabularySize == 150)
        try directory.write("out/tokenizer/spiece.model", Golden.tokenizer.get().modelBytes)
        let error = #expect(throws: TextError.self) { try PreparedData(directory: "\(directory.path)/out") }
        #expect(error?.message.contains("spiece.model") == true)
    }

    @Test func emptyInputsAreErrorsThatSaySo() throws {
        let directory = try TemporaryDirectory()
        var preparation = try preparation(directory)
        preparation.vocabulary = .model(path: try directory.write("m.model", Golden.tokenizer.get().modelBytes))
        for text in ["", "\n\n \n", "\u{1}\n\n\u{200B}\n"] {
            preparation.input = .plainText(paths: [try directory.write("empty.txt", text)], layout: .sentences)
            let error = #expect(throws: TextError.self) { try preparation.run(directory: "\(directory.path)/out") }
            #expect(error?.code == .emptyCorpus, "\(error?.message ?? "")")
            #expect(!directory.contains("out/train"))
        }
        preparation.input = .plainText(paths: [directory.path + "/nowhere"], layout: .sentences)
        #expect(throws: TextError.self) { try preparation.run(directory: "\(directory.path)/out") }
        let folder = try TemporaryDirectory()
        preparation.input = .plainText(paths: [folder.path], layout: .sentences)
        let error = #expect(throws: TextError.self) { try preparation.run(directory: "\(directory.path)/out") }
        #expect(error?.message.contains(folder.path) == true)
    }

    @Test func tooFewDocumentsToHoldAnyOutIsAnErrorWithARemedy() throws {
        let directory = try TemporaryDirectory()
        var preparation = try preparation(directory)
        preparation.input = .plainText(
            paths: [try directory.write("one.txt", "the cat\nthe dog\n")], layout: .sentences)
        preparation.vocabulary = .model(path: try directory.write("m.model", Golden.tokenizer.get().modelBytes))
        preparation.heldoutShare = 0.000_001
        let error = #expect(throws: TextError.self) { try preparation.run(directory: "\(directory.path)/out") }
        #expect(error?.message.contains("set it to 0") == true)
        preparation.heldoutShare = 0
        let summary = try preparation.run(directory: "\(directory.path)/out")
        #expect(summary.heldout == nil && summary.train.documents == 1)
        #expect(!directory.contains("out/heldout"))
    }

    @Test func parametersOutOfRangeAreNamed() throws {
        let directory = try TemporaryDirectory()
        let changes: [(String, (inout RecordParameters) -> Void)] = [
            ("max_sequence_length", { $0.maxSequenceLength = 4 }), ("max_predictions", { $0.maxPredictions = 0 }),
            ("masking_probability", { $0.maskingProbability = 1 }), ("duplicate_factor", { $0.duplicateFactor = 0 }),
            ("short_sequence_probability", { $0.shortSequenceProbability = -0.1 }), ("max_ngram", { $0.maxNgram = 0 }),
        ]
        for (name, change) in changes {
            var preparation = try preparation(directory, documents: 1)
            change(&preparation.parameters)
            let error = #expect(throws: TextError.self) { try preparation.run(directory: "\(directory.path)/out") }
            #expect(error?.code == .invalidParameter && error?.message.contains(name) == true, "\(name)")
        }
        #expect(throws: TextError.self) { try HoldoutRule(share: 1) }
    }

    @Test(
        .enabled(if: Self.sharedText != nil, "TROUPE_SHARED_DATA does not name a directory with wikitext-2"),
        .timeLimit(.minutes(1)))
    func runningTextFromOutsideIsPrepared() throws {
        let directory = try TemporaryDirectory()
        var training = SentencePieceTraining()
        training.vocabularySize = 4000
        let paths = try #require(Self.sharedText)
        var preparation = DataPreparation(
            input: .plainText(paths: paths, layout: .paragraphs), vocabulary: .trained(training))
        preparation.parameters.maxSequenceLength = 128
        preparation.parameters.duplicateFactor = 1
        preparation.threads = 2
        let summary = try preparation.run(directory: "\(directory.path)/out")
        #expect(summary.report.malformedLines == 0)
        #expect(summary.train.records > 2000 && (summary.heldout?.records ?? 0) > 10)
    }

    private static let sharedText: [String]? = {
        guard let root = ProcessInfo.processInfo.environment["TROUPE_SHARED_DATA"] else { return nil }
        let paths = ["valid", "test"].map { "\(root)/wikitext-2/\($0).txt" }
        return paths.allSatisfy(FileManager.default.fileExists) ? paths : nil
    }()
}
