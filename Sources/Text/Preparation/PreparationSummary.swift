internal import Foundation

/// What a data preparation read and wrote (`preparation.json`).
package struct PreparationSummary: Sendable, Hashable, Codable {
    /// The numbers of one split, as in its manifest.
    package struct Split: Sendable, Hashable, Codable {
        /// Documents of the split.
        package let documents: Int
        /// Sentences of the split.
        package let sentences: Int
        /// Records over all passes.
        package let records: Int
        /// Tokens of all records, special ones included.
        package let tokens: Int
        /// Masked tokens of all records.
        package let predictions: Int
        /// Share of the records whose pair label is 1.
        package let positivePairShare: Double
        /// See `DatasetManifest.unigramCrossEntropy`, in nats.
        package let unigramCrossEntropy: Double
        /// The dataset digest of the manifest.
        package let digest: String

        init(_ manifest: DatasetManifest) {
            documents = manifest.documents
            sentences = manifest.sentences
            records = manifest.records
            tokens = manifest.tokens
            predictions = manifest.predictions
            positivePairShare = manifest.positivePairShare
            unigramCrossEntropy = manifest.unigramCrossEntropy
            digest = manifest.digest
        }
    }

    /// Name of the summary in the prepared directory.
    package static let fileName = "preparation.json"

    /// SHA-256 over input, vocabulary and parameters.
    package let recipe: String
    /// What was read, repaired and left out.
    package let report: CorpusReport
    /// The training split.
    package let train: Split
    /// The held-out split, if there is one.
    package let heldout: Split?
    /// The labelled set, if the input was package descriptions.
    package let sections: SectionDataset.Counts?
    /// Whether everything was there already. Not stored.
    package var isReused = false

    private enum CodingKeys: String, CodingKey { case recipe, report, train, heldout, sections }

    init(
        recipe: String, report: CorpusReport, train: Split, heldout: Split?, sections: SectionDataset.Counts?
    ) {
        self.recipe = recipe
        self.report = report
        self.train = train
        self.heldout = heldout
        self.sections = sections
    }

    /// The summary in `directory` if it was made by this recipe and its datasets and vocabulary are still there.
    static func existing(in directory: String, recipe: String) -> PreparationSummary? {
        do throws(TextError) {
            let summary: PreparationSummary = try JSONFile.read("\(directory)/\(fileName)")
            guard summary.recipe == recipe else { return nil }
            let train = try RecordDataset(directory: "\(directory)/train", verifying: .structure)
            guard train.manifest.digest == summary.train.digest else { return nil }
            if let expected = summary.heldout {
                let heldout = try RecordDataset(directory: "\(directory)/heldout", verifying: .structure)
                guard heldout.manifest.digest == expected.digest else { return nil }
            }
            let model = try MappedFile("\(directory)/tokenizer/\(TokenizerPreparation.modelName)")
            guard model.digest() == train.manifest.vocabularySha256 else { return nil }
            return summary
        } catch {
            // Whatever is missing or damaged is made anew.
            return nil
        }
    }
}
