/// What a prepared split holds (`manifest.json` beside its `.records` files).
package struct DatasetManifest: Sendable, Hashable, Codable {
    /// One `.records` file.
    package struct Shard: Sendable, Hashable, Codable {
        /// Name of the file in the directory of the split.
        package let file: String
        /// Records in the file.
        package let records: Int
        /// Size of the file.
        package let bytes: Int
        /// SHA-256 of the file.
        package let sha256: String
    }

    /// Name of the manifest in the directory of its split.
    package static let fileName = "manifest.json"
    /// The format version that this code writes and reads.
    package static let currentVersion = 1

    /// Version of this format.
    package var formatVersion = Self.currentVersion
    /// `train` or `heldout`.
    package var split: String
    /// Documents of the split.
    package var documents: Int
    /// Sentences of the split.
    package var sentences: Int
    /// Records over all passes.
    package var records: Int
    /// Tokens of all records, special ones included.
    package var tokens: Int
    /// Masked tokens of all records.
    package var predictions: Int
    /// Records whose pair label is 1.
    package var positivePairs: Int
    /// Pieces of the vocabulary.
    package var vocabularySize: Int
    /// SHA-256 of `spiece.model`.
    package var vocabularySha256: String
    /// Ids of the special tokens.
    package var specials: SpecialTokens
    /// What happened to the text before it was segmented.
    package var preprocessing: AlbertText
    /// How the records were made.
    package var parameters: RecordParameters
    /// The files, in the order of their records.
    package var shards: [Shard]
    /// Cross-entropy in nats of the masked ids of this split under the distribution of the masked ids of the training
    /// split with one added to every count: -sum_v p(v) ln((c_v + 1) / (C + V)). What a model must beat that knows
    /// nothing but token frequencies.
    package var unigramCrossEntropy: Double
    /// How often each id of the vocabulary is a masked token of this split.
    package var maskedCounts: [Int]

    /// Tokens per record, at most.
    package var maxSequenceLength: Int { parameters.maxSequenceLength }
    /// Masked tokens per record, at most.
    package var maxPredictions: Int { parameters.maxPredictions }
    /// Share of the records whose pair label is 1.
    package var positivePairShare: Double { records == 0 ? 0 : Double(positivePairs) / Double(records) }

    /// SHA-256 over the contents of the split: vocabulary, parameters and shards.
    package var digest: String {
        var digest = ContentDigest()
        digest.update(field: vocabularySha256)
        digest.update(field: "\(formatVersion) \(split) \(records) \(tokens) \(predictions) \(vocabularySize)")
        for shard in shards { digest.update(field: shard.sha256) }
        return digest.hexadecimal()
    }

    /// Reads the manifest of a split; throws `unreadable` or `malformedDataset`.
    package static func load(directory: String) throws(TextError) -> DatasetManifest {
        let path = "\(directory)/\(fileName)"
        let manifest: DatasetManifest = try JSONFile.read(path)
        guard manifest.formatVersion == currentVersion else {
            throw TextError(
                .malformedDataset, "\(path): format version \(manifest.formatVersion), expected \(currentVersion)")
        }
        return manifest
    }

    /// Writes the manifest atomically.
    func save(directory: String) throws(TextError) {
        try JSONFile.write(self, to: "\(directory)/\(Self.fileName)")
    }
}
