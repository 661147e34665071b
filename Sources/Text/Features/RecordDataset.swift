/// A prepared split: random access to its records through memory-mapped shards. Immutable; any thread may read.
package final class RecordDataset: Sendable {
    /// How much is checked when a dataset is opened.
    package enum Verification: Sendable {
        /// Every byte, by the digests of the manifest.
        case contents
        /// Names, sizes, headers and counts; records are still checked one by one when they are read.
        case structure
    }

    /// The directory of the split.
    package let directory: String
    /// What the split holds.
    package let manifest: DatasetManifest
    private let shards: [RecordShard]
    /// The first record of each shard, and the number of records.
    private let starts: [Int]
    private let wordStarts: [Bool]

    /// Opens the split in `directory`; throws `unreadable` or `malformedDataset` naming the file and what was expected.
    package init(directory: String, verifying verification: Verification = .contents) throws(TextError) {
        self.directory = directory
        let manifest = try DatasetManifest.load(directory: directory)
        self.manifest = manifest
        guard manifest.maskedCounts.count == manifest.vocabularySize else {
            throw TextError(
                .malformedDataset,
                "\(directory)/\(DatasetManifest.fileName): \(manifest.maskedCounts.count) masked_counts, expected one for "
                    + "each of the \(manifest.vocabularySize) pieces")
        }
        var shards: [RecordShard] = []
        var starts = [0]
        for entry in manifest.shards {
            guard !entry.file.contains("/") else {
                throw TextError(.malformedDataset, "\(directory): a shard is named \(entry.file)")
            }
            let shard = try RecordShard("\(directory)/\(entry.file)")
            try Self.check(shard, against: entry, of: manifest, verification)
            shards.append(shard)
            starts.append(starts[starts.count - 1] + shard.count)
        }
        let tokens = shards.reduce(0) { $0 + $1.tokens }
        let predictions = shards.reduce(0) { $0 + $1.predictions }
        guard let first = shards.first, starts.last == manifest.records, tokens == manifest.tokens,
            predictions == manifest.predictions
        else {
            throw TextError(
                .malformedDataset,
                "\(directory): the shards hold \(starts[starts.count - 1]) records, \(tokens) tokens, \(predictions) "
                    + "predictions; the manifest says \(manifest.records), \(manifest.tokens), \(manifest.predictions)")
        }
        self.shards = shards
        self.starts = starts
        wordStarts = first.wordStarts()
    }

    /// Number of records.
    package var count: Int { manifest.records }

    /// The record at `index` (0 <= index < count); throws `malformedDataset` if its bytes make no sense.
    package func record(at index: Int) throws(TextError) -> PretrainingRecord {
        let (shard, local) = locate(index)
        return try shards[shard].record(at: local, wordStarts: wordStarts)
    }

    /// Tokens and predictions of the record at `index`, without reading all of it.
    package func lengths(at index: Int) throws(TextError) -> (tokens: Int, predictions: Int) {
        let (shard, local) = locate(index)
        return try shards[shard].lengths(at: local)
    }

    private func locate(_ index: Int) -> (shard: Int, local: Int) {
        precondition(index >= 0 && index < count, "record \(index) is outside 0..<\(count) of \(directory)")
        var low = 0
        var high = shards.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= index { low = middle } else { high = middle }
        }
        return (low, index - starts[low])
    }

    private static func check(
        _ shard: RecordShard, against entry: DatasetManifest.Shard, of manifest: DatasetManifest,
        _ verification: Verification
    ) throws(TextError) {
        let expected = RecordFormat(
            vocabularySize: manifest.vocabularySize, maxSequenceLength: manifest.maxSequenceLength,
            maxPredictions: manifest.maxPredictions)
        guard shard.format == expected, shard.count == entry.records, shard.size == entry.bytes else {
            throw TextError(
                .malformedDataset,
                "\(shard.path): \(shard.count) records in \(shard.size) bytes, \(shard.format); the manifest says "
                    + "\(entry.records) in \(entry.bytes), \(expected)")
        }
        guard verification == .contents else { return }
        let digest = shard.digest()
        guard digest == entry.sha256 else {
            throw TextError(
                .malformedDataset, "\(shard.path) has been altered: SHA-256 \(digest), expected \(entry.sha256)")
        }
    }
}
