import Foundation
import Testing
import Text

@Suite struct RecordDatasetTests {
    private func parameters() -> RecordParameters {
        var parameters = RecordParameters()
        parameters.maxSequenceLength = 64
        return parameters
    }

    private func records(_ tokenizer: SentencePieceTokenizer, count: Int) -> [PretrainingRecord] {
        (0..<count).map { index in
            var generator = SplitMix64(seed: 51, UInt64(index))
            let first = generator.within(1...30)
            let second = generator.within(1...30)
            let draw = { (count: Int) in (0..<count).map { _ in Int32(5 + generator.below(55)) } }
            let original = [2] + draw(first) + [3] + draw(second) + [3]
            let masked = (0..<generator.below(8)).map { _ in Int32(generator.below(original.count)) }
            let positions = Set(masked).sorted()
            var ids = original
            for position in positions { ids[Int(position)] = 4 }
            return PretrainingRecord(
                inputIDs: ids,
                segmentIDs: [UInt8](repeating: 0, count: first + 2) + [UInt8](repeating: 1, count: second + 1),
                tokenBoundary: original.map { tokenizer.isWordStart[Int($0)] ? 1 : 0 }, maskedPositions: positions,
                maskedIDs: positions.map { original[Int($0)] }, pairLabel: Int32(generator.below(2)))
        }
    }

    private func write(_ records: [PretrainingRecord], _ directory: TemporaryDirectory) throws -> DatasetManifest {
        let writer = try PretrainingRecordWriter(
            directory: "\(directory.path)/train", tokenizer: Golden.tokenizer.get(), parameters(), shardBytes: 8 << 10)
        for record in records { try writer.append(record) }
        return try writer.finish(split: "train", documents: 7, sentences: 70)
    }

    @Test func recordsComeBackAsTheyWere() throws {
        let directory = try TemporaryDirectory()
        let records = try records(Golden.tokenizer.get(), count: 300)
        let manifest = try write(records, directory)
        #expect(manifest.shards.count > 2, "the test must cross shards")
        let dataset = try RecordDataset(directory: "\(directory.path)/train")
        #expect(dataset.manifest == manifest)
        #expect(dataset.count == 300)
        for (index, record) in records.enumerated() {
            #expect(try dataset.record(at: index) == record, "record \(index)")
            let lengths = try dataset.lengths(at: index)
            #expect(lengths.tokens == record.inputIDs.count && lengths.predictions == record.maskedIDs.count)
        }
        #expect(manifest.tokens == records.reduce(0) { $0 + $1.inputIDs.count })
        #expect(manifest.predictions == records.reduce(0) { $0 + $1.maskedIDs.count })
        #expect(manifest.positivePairs == records.reduce(0) { $0 + Int($1.pairLabel) })
        #expect(manifest.vocabularySha256 == (try Golden.tokenizer.get().digest))
    }

    @Test func aFlippedBitIsFound() throws {
        let directory = try TemporaryDirectory()
        _ = try write(records(Golden.tokenizer.get(), count: 100), directory)
        let original = try directory.read("train/00000.records")
        for offset in [0, 9, 30, 70, 200, original.count / 2, original.count - 3] {
            var bytes = original
            bytes[offset] ^= 4
            try directory.write("train/00000.records", bytes)
            let error = #expect(throws: TextError.self) { try RecordDataset(directory: "\(directory.path)/train") }
            #expect(error?.code == .malformedDataset, "byte \(offset)")
            #expect(error?.message.contains("00000.records") == true, "byte \(offset)")
        }
        try directory.write("train/00000.records", original)
        _ = try RecordDataset(directory: "\(directory.path)/train")
    }

    @Test func truncatedAndForeignFilesAreRefused() throws {
        let directory = try TemporaryDirectory()
        _ = try write(records(Golden.tokenizer.get(), count: 100), directory)
        let original = try directory.read("train/00000.records")
        let damages = [
            [], Array(original.prefix(10)), Array(original.prefix(64)), Array(original.dropLast()),
            Array(original.dropLast(8)),
        ]
        for bytes in damages + [Array("not records at all, but long enough to hold a header of theirs ........".utf8)] {
            try directory.write("train/00000.records", bytes)
            for verification in [RecordDataset.Verification.contents, .structure] {
                let error = #expect(throws: TextError.self) {
                    try RecordDataset(directory: "\(directory.path)/train", verifying: verification)
                }
                #expect(error?.code == .malformedDataset, "\(bytes.count) bytes")
                #expect(error?.message.contains("00000.records") == true, "\(bytes.count) bytes")
            }
        }
    }

    @Test func noDamageCrashesTheReader() throws {
        let directory = try TemporaryDirectory()
        let manifest = try write(records(Golden.tokenizer.get(), count: 60), directory)
        let original = try directory.read("train/00000.records")
        var refused = 0
        for round in 0..<400 {
            var generator = SplitMix64(seed: 52, UInt64(round))
            var bytes = original
            for _ in 0..<generator.within(1...4) { bytes[generator.below(bytes.count)] = UInt8(generator.below(256)) }
            try directory.write("train/00000.records", bytes)
            do {
                let dataset = try RecordDataset(directory: "\(directory.path)/train", verifying: .structure)
                for index in 0..<manifest.shards[0].records { _ = try dataset.record(at: index) }
            } catch {
                #expect(error.code == .malformedDataset, "seed 52, round \(round): \(error)")
                refused += 1
            }
        }
        #expect(refused > 20, "\(refused) of 400 damaged files were refused without their digests")
    }

    @Test func aRecordThatDisagreesWithTheIndexIsRefused() throws {
        let directory = try TemporaryDirectory()
        _ = try write(records(Golden.tokenizer.get(), count: 10), directory)
        // The first record follows the header of 64 bytes and the bitmap of 60 ids in 8 bytes.
        var bytes = try directory.read("train/00000.records")
        for (offset, what) in [(72, "one token more"), (74, "one prediction more")] {
            bytes[offset] += 1
            try directory.write("train/00000.records", bytes)
            bytes[offset] -= 1
            let dataset = try RecordDataset(directory: "\(directory.path)/train", verifying: .structure)
            let error = #expect(throws: TextError.self, "\(what)") { try dataset.record(at: 0) }
            #expect(error?.code == .malformedDataset && error?.message.contains("record 0") == true, "\(what)")
            #expect(throws: TextError.self, "\(what)") { try dataset.lengths(at: 0) }
            _ = try dataset.record(at: 1)
        }
    }

    @Test func damagedManifestsAreRefusedByKey() throws {
        let directory = try TemporaryDirectory()
        _ = try write(records(Golden.tokenizer.get(), count: 20), directory)
        let text = String(decoding: try directory.read("train/manifest.json"), as: UTF8.self)
        let damages = [
            ("\"records\" : 20", "\"records\" : 21", "records"),
            ("\"format_version\" : 1", "\"format_version\" : 9", "9"),
            ("\"predictions\"", "\"prediction\"", "predictions"), ("00000.records", "../x.records", "../x.records"),
            ("{", "", "manifest.json"),
        ]
        for (from, to, named) in damages {
            #expect(text.contains(from))
            try directory.write("train/manifest.json", text.replacing(from, with: to))
            let error = #expect(throws: TextError.self) { try RecordDataset(directory: "\(directory.path)/train") }
            #expect(error?.code == .malformedDataset, "\(from)")
            #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
        }
        #expect(throws: TextError.self) { try RecordDataset(directory: "\(directory.path)/nothing") }
    }

    @Test func nothingHalfWrittenGetsTheName() throws {
        let directory = try TemporaryDirectory()
        do {
            let writer = try PretrainingRecordWriter(
                directory: "\(directory.path)/train", tokenizer: Golden.tokenizer.get(), parameters())
            try writer.append(records(Golden.tokenizer.get(), count: 1)[0])
            #expect(!directory.contains("train"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
        let empty = try PretrainingRecordWriter(
            directory: "\(directory.path)/train", tokenizer: Golden.tokenizer.get(), parameters())
        let error = #expect(throws: TextError.self) { try empty.finish(split: "train", documents: 0, sentences: 0) }
        #expect(error?.code == .emptyCorpus)
    }

    @Test func theUnigramBaselineIsSmoothedByOne() {
        let value = UnigramBaseline.crossEntropy(of: [1, 1], underTraining: [3, 1])
        #expect(abs(value - 0.752_038_698_388_137) < 1e-12)
        #expect(UnigramBaseline.crossEntropy(of: [0, 5], underTraining: [10, 0]).isFinite)
    }
}
