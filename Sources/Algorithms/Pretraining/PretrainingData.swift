package import Text

/// The prepared records of a pretraining run, checked against its run file.
package struct PretrainingData: Sendable {
    package let training: RecordDataset
    package let heldOut: RecordDataset
    /// How often each id is a masked token in the training records: what evaluation has to beat.
    package let unigram: UnigramDistribution
    /// Path of the SentencePiece model that made the ids.
    package let tokenizerPath: String

    /// Opens `data.directory` and checks that there is something to train and to evaluate with, made for
    /// this model.
    ///
    /// - Throws: `TextError` for missing or damaged files, `ConfigurationError` naming the key that does not fit.
    package init(_ configuration: RunConfiguration, verifying verification: RecordDataset.Verification) throws {
        let directory = configuration.data.directory
        let data: PreparedData
        do {
            data = try PreparedData(directory: directory, verifying: verification)
        } catch {
            guard error.code == .unreadable else { throw error }
            throw ConfigurationError(
                .inconsistent, key: "data.directory",
                message: "no prepared records in \(directory) (\(error)); make them with: troupe data prepare ... "
                    + "--config FILE")
        }
        guard let heldout = data.heldout else {
            throw ConfigurationError(
                .inconsistent, key: "data.directory",
                message: "no held-out records to evaluate with in \(directory); prepare the data again with "
                    + "data.preparation.heldout_share above 0")
        }
        training = data.train
        heldOut = heldout
        tokenizerPath = "\(directory)/tokenizer/\(TokenizerPreparation.modelName)"
        unigram = UnigramDistribution(counts: training.manifest.maskedCounts)
        try check(configuration)
    }

    /// Digest of the training records and their vocabulary: what a resumed run has to find again.
    package var digest: String { training.manifest.digest }

    /// The sentence-pair objective the records were made for.
    package var pairTask: PretrainingReport.PairTask {
        training.manifest.parameters.objective == .sentenceOrder ? .sentenceOrder : .nextSentence
    }

    private func check(_ configuration: RunConfiguration) throws {
        let (manifest, model) = (training.manifest, configuration.model)
        let place = training.directory
        guard manifest.vocabularySize == model.vocabSize else {
            throw ConfigurationError(
                .inconsistent, key: "model.vocab_size",
                message:
                    "\(model.vocabSize), but the records in \(place) have a vocabulary of \(manifest.vocabularySize)")
        }
        guard manifest.maxSequenceLength <= model.maxPositionEmbeddings else {
            throw ConfigurationError(
                .inconsistent, key: "model.max_position_embeddings",
                message: "\(model.maxPositionEmbeddings), but the records in \(place) have up to "
                    + "\(manifest.maxSequenceLength) tokens")
        }
        for dataset in [training, heldOut] where dataset.count == 0 {
            throw ConfigurationError(
                .inconsistent, key: "data.directory", message: "\(dataset.directory) has no records")
        }
    }
}
