internal import Foundation

/// Turns text into pretraining data: what `troupe data prepare` does. The output directory receives
///
/// ```
/// tokenizer/spiece.model, spiece.vocab      the vocabulary
/// train/*.records, manifest.json            training records
/// heldout/*.records, manifest.json          records of the held-out documents, one pass
/// sections/{train,dev,test}.tsv             debian-packages only: the labelled set
/// preparation.json                          the recipe, and what was read and written
/// ```
///
/// Differences to the original data preparation code of ALBERT: documents live in a memory-mapped store instead of a
/// list; each pass visits them by a keyed permutation instead of a shuffled list, and records are not shuffled on disk,
/// because `EpochPermutation` does that when they are read; a record's randomness is keyed by (seed, pass, document)
/// instead of coming from one stream, so that threads do not matter.
package struct DataPreparation: Sendable {
    /// Where the vocabulary comes from.
    package enum Vocabulary: Sendable {
        /// An existing `spiece.model`, copied to the output.
        case model(path: String)
        /// Trained on the training documents.
        case trained(SentencePieceTraining)
    }

    /// How far the work is.
    package struct Progress: Sendable {
        /// `read`, `vocabulary`, `tokenize`, `records train`, `records heldout`.
        package let phase: String
        /// Documents or blocks of documents done in this phase.
        package let done: Int
        /// Nil while it is not known.
        package let total: Int?
    }

    /// The text.
    package var input: PreparationInput
    /// The vocabulary.
    package var vocabulary: Vocabulary
    /// How records are made.
    package var parameters = RecordParameters()
    /// What happens to text before it is segmented.
    package var preprocessing = AlbertText.original
    /// Share of the documents that is held out, in [0, 1).
    package var heldoutShare = 0.02
    /// Threads for tokenising and masking; the output does not depend on their number.
    package var threads = 1

    /// A preparation with ALBERT's parameters, 2 % held out, on one thread.
    package init(input: PreparationInput, vocabulary: Vocabulary) {
        self.input = input
        self.vocabulary = vocabulary
    }

    /// Prepares `directory`, or finds it prepared already by the same recipe from the same input.
    package func run(
        directory: String, progress: (Progress) -> Void = { _ in }
    ) throws(TextError) -> PreparationSummary {
        try parameters.validate()
        guard threads > 0 else { throw TextError(.invalidParameter, "threads \(threads) must be positive") }
        let holdout = try HoldoutRule(share: heldoutShare)
        try Folders.create(directory)
        progress(Progress(phase: "read", done: 0, total: nil))
        let prepared = try PreparedInput(input, fetchingInto: "\(directory)/apt")
        let recipe = try recipeDigest(prepared)
        if var summary = PreparationSummary.existing(in: directory, recipe: recipe) {
            summary.isReused = true
            return summary
        }
        Folders.removeIfPresent("\(directory)/\(PreparationSummary.fileName)")
        let staging = "\(directory)/.staging-\(ProcessInfo.processInfo.processIdentifier)"
        try Folders.recreate(staging)
        defer { Folders.removeIfPresent(staging) }

        progress(Progress(phase: "vocabulary", done: 0, total: nil))
        let tokenizer = try makeTokenizer(prepared, holdout, directory: "\(directory)/tokenizer")
        let stores = try CorpusTokenizing(tokenizer: tokenizer, holdout: holdout, threads: threads)
            .run(prepared, staging: staging, progress: progress)
        let writing = RecordWriting(tokenizer: tokenizer, threads: threads)
        let train = try writing.run(
            stores.train, split: "train", parameters, directory: "\(directory)/train", progress: progress)
        var heldout: DatasetManifest?
        if let store = stores.heldout {
            var once = parameters
            once.duplicateFactor = 1
            heldout = try writing.run(
                store, split: "heldout", once, directory: "\(directory)/heldout", trainingCounts: train.maskedCounts,
                progress: progress)
        } else {
            Folders.removeIfPresent("\(directory)/heldout")
        }
        var sections: SectionDataset.Counts?
        if let packages = prepared.packages {
            sections = try SectionDataset.write(packages, to: "\(directory)/sections")
        }
        let summary = PreparationSummary(
            recipe: recipe, report: stores.report, train: .init(train),
            heldout: heldout.map { .init($0) }, sections: sections)
        try JSONFile.write(summary, to: "\(directory)/\(PreparationSummary.fileName)")
        return summary
    }

    private func makeTokenizer(
        _ input: PreparedInput, _ holdout: HoldoutRule, directory: String
    ) throws(TextError) -> SentencePieceTokenizer {
        let target = "\(directory)/\(TokenizerPreparation.modelName)"
        switch vocabulary {
        case .model(let path):
            let tokenizer = try SentencePieceTokenizer(path: path, preprocessing: preprocessing)
            try Folders.create(directory)
            try OutputFile.create(target, tokenizer.modelBytes)
            return tokenizer
        case .trained(let training):
            _ = try TokenizerPreparation.run(
                input, training: training, preprocessing: preprocessing, holdout: holdout, directory: directory)
            return try SentencePieceTokenizer(path: target, preprocessing: preprocessing)
        }
    }

    /// SHA-256 over everything that decides the output.
    private func recipeDigest(_ input: PreparedInput) throws(TextError) -> String {
        var digest = ContentDigest()
        digest.update(field: "version \(DatasetManifest.currentVersion)")
        digest.update(field: input.digest)
        switch vocabulary {
        case .model(let path): digest.update(field: try MappedFile(path).digest())
        case .trained(let training): digest.update(field: try JSONFile.text(training))
        }
        digest.update(field: try JSONFile.text(parameters))
        digest.update(field: try JSONFile.text(preprocessing))
        digest.update(field: "\(heldoutShare)")
        return digest.hexadecimal()
    }
}
