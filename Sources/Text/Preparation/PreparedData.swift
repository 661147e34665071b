internal import Foundation

/// A prepared directory, opened: the vocabulary and the splits that were made with it.
package struct PreparedData: Sendable {
    /// The vocabulary of the directory, with the preprocessing of the training split.
    package let tokenizer: SentencePieceTokenizer
    /// The training records.
    package let train: RecordDataset
    /// The held-out records; nil if nothing was held out.
    package let heldout: RecordDataset?

    /// Opens what `DataPreparation` wrote to `directory`. Throws `unreadable`, or `malformedDataset` if a file is
    /// damaged or a split was made with another vocabulary than the one beside it.
    package init(
        directory: String, verifying verification: RecordDataset.Verification = .contents
    ) throws(TextError) {
        train = try RecordDataset(directory: "\(directory)/train", verifying: verification)
        let hasHeldout = FileManager.default.fileExists(atPath: "\(directory)/heldout/\(DatasetManifest.fileName)")
        heldout = hasHeldout ? try RecordDataset(directory: "\(directory)/heldout", verifying: verification) : nil
        let path = "\(directory)/tokenizer/\(TokenizerPreparation.modelName)"
        tokenizer = try SentencePieceTokenizer(path: path, preprocessing: train.manifest.preprocessing)
        for dataset in [train, heldout].compactMap({ $0 })
        where dataset.manifest.vocabularySha256 != tokenizer.digest {
            throw TextError(
                .malformedDataset,
                "\(dataset.directory) was made with the vocabulary \(dataset.manifest.vocabularySha256), but \(path) is "
                    + "\(tokenizer.digest): prepare the data again")
        }
    }
}
