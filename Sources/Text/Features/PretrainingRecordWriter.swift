internal import Foundation

/// Writes the records of one split to shards in a directory of its own, then the manifest. The directory gets its name
/// only when everything is complete.
package final class PretrainingRecordWriter {
    /// Size at which a new shard is begun.
    package static let shardBytes = 64 << 20

    private let directory: String
    private let staging: String
    private let tokenizer: SentencePieceTokenizer
    private let parameters: RecordParameters
    private let format: RecordFormat
    private let shardBytes: Int
    private var shards: [DatasetManifest.Shard] = []
    private var open: OpenShard?
    private var records = 0
    private var tokens = 0
    private var predictions = 0
    private var positivePairs = 0
    /// How often each id was masked.
    package private(set) var maskedCounts: [Int]

    /// A shard under construction.
    private final class OpenShard {
        let name: String
        let file: OutputFile
        var offsets: [UInt64] = []
        var tokens = 0
        var predictions = 0

        init(name: String, file: OutputFile) {
            self.name = name
            self.file = file
        }
    }

    /// Starts a split that will appear at `directory`; throws `invalidParameter` or `unwritable`.
    package init(
        directory: String, tokenizer: SentencePieceTokenizer, _ parameters: RecordParameters,
        shardBytes: Int = PretrainingRecordWriter.shardBytes
    ) throws(TextError) {
        try parameters.validate()
        self.directory = directory
        self.tokenizer = tokenizer
        self.parameters = parameters
        self.shardBytes = shardBytes
        staging = "\(directory).partial-\(ProcessInfo.processInfo.processIdentifier)"
        format = RecordFormat(
            vocabularySize: tokenizer.vocabularySize, maxSequenceLength: parameters.maxSequenceLength,
            maxPredictions: parameters.maxPredictions)
        maskedCounts = [Int](repeating: 0, count: tokenizer.vocabularySize)
        try Folders.recreate(staging)
    }

    deinit { Folders.removeIfPresent(staging) }

    /// Records encoded by one thread, to be appended by another.
    package struct Block: Sendable {
        fileprivate var bytes: [UInt8] = []
        fileprivate var summaries: [(size: Int, tokens: Int, predictions: Int, label: Int32)] = []
        fileprivate var maskedIDs: [Int32] = []

        /// An empty block.
        package init() {}
    }

    /// What threads that encode blocks need to share.
    package struct Encoder: Sendable {
        fileprivate let format: RecordFormat

        /// Adds a record to a block.
        package func append(_ record: PretrainingRecord, to block: inout Block) {
            let before = block.bytes.count
            format.append(record, to: &block.bytes)
            block.summaries.append(
                (block.bytes.count - before, record.inputIDs.count, record.maskedIDs.count, record.pairLabel))
            block.maskedIDs += record.maskedIDs
        }
    }

    /// The encoder of this split's records.
    package var encoder: Encoder { Encoder(format: format) }

    /// Appends a block of records.
    package func append(_ block: Block) throws(TextError) {
        var start = 0
        for summary in block.summaries {
            try append(block.bytes[start..<start + summary.size], summary.tokens, summary.predictions)
            start += summary.size
            positivePairs += Int(summary.label)
        }
        for id in block.maskedIDs { maskedCounts[Int(id)] += 1 }
    }

    /// Appends one record.
    package func append(_ record: PretrainingRecord) throws(TextError) {
        var block = Block()
        encoder.append(record, to: &block)
        try append(block)
    }

    private func append(_ bytes: ArraySlice<UInt8>, _ tokenCount: Int, _ predictionCount: Int) throws(TextError) {
        if let shard = open, shard.file.count + bytes.count > shardBytes { try closeShard() }
        let shard = try openShard()
        shard.offsets.append(UInt64(shard.file.count))
        shard.tokens += tokenCount
        shard.predictions += predictionCount
        try shard.file.append(bytes)
        records += 1
        tokens += tokenCount
        predictions += predictionCount
    }

    private func openShard() throws(TextError) -> OpenShard {
        if let open { return open }
        let number = String(shards.count)
        let name = String(repeating: "0", count: max(0, 5 - number.count)) + number + ".records"
        let shard = OpenShard(name: name, file: try OutputFile("\(staging)/\(name)"))
        try shard.file.append([UInt8](repeating: 0, count: RecordFormat.headerSize))
        try shard.file.append(format.bitmap(tokenizer.isWordStart))
        open = shard
        return shard
    }

    private func closeShard() throws(TextError) {
        guard let shard = open else { return }
        open = nil
        let end = UInt64(shard.file.count)
        try shard.file.append([UInt8](repeating: 0, count: (8 - shard.file.count % 8) % 8))
        let header = format.header(
            records: shard.offsets.count, tokens: shard.tokens, predictions: shard.predictions,
            indexOffset: shard.file.count)
        try shard.file.append(integers: shard.offsets + [end])
        try shard.file.overwrite(header, at: 0)
        try shard.file.finish()
        let file = try MappedFile(shard.file.path)
        shards.append(
            DatasetManifest.Shard(
                file: shard.name, records: shard.offsets.count, bytes: file.count, sha256: file.digest()))
    }

    /// Closes the last shard, writes the manifest and gives the directory its name, replacing what was there.
    /// `trainingCounts` are the `maskedCounts` of the training split (this one's own by default).
    package func finish(
        split: String, documents: Int, sentences: Int, trainingCounts: [Int]? = nil
    ) throws(TextError) -> DatasetManifest {
        try closeShard()
        guard records > 0 else {
            throw TextError(.emptyCorpus, "no record for \(directory): the documents of this split hold no text")
        }
        let manifest = DatasetManifest(
            split: split, documents: documents, sentences: sentences, records: records, tokens: tokens,
            predictions: predictions, positivePairs: positivePairs, vocabularySize: tokenizer.vocabularySize,
            vocabularySha256: tokenizer.digest, specials: tokenizer.specials,
            preprocessing: tokenizer.preprocessing, parameters: parameters, shards: shards,
            unigramCrossEntropy: UnigramBaseline.crossEntropy(
                of: maskedCounts, underTraining: trainingCounts ?? maskedCounts),
            maskedCounts: maskedCounts)
        try manifest.save(directory: staging)
        try Folders.replace(directory, with: staging)
        return manifest
    }
}

/// The baseline of a model that knows token frequencies alone.
package enum UnigramBaseline {
    /// Cross-entropy in nats of tokens with `counts` under `training` counts, one added to each (Laplace).
    package static func crossEntropy(of counts: [Int], underTraining training: [Int]) -> Double {
        precondition(counts.count == training.count, "\(counts.count) counts against \(training.count)")
        let total = Double(training.reduce(0, +) + training.count)
        let number = Double(counts.reduce(0, +))
        guard number > 0 else { return 0 }
        var sum = 0.0
        for (count, seen) in zip(counts, training) where count > 0 {
            sum -= Double(count) * (Foundation.log(Double(seen + 1)) - Foundation.log(total))
        }
        return sum / number
    }
}
