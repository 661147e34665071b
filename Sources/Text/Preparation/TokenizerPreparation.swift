/// Trains a vocabulary on a corpus and writes `spiece.model` and `spiece.vocab`: what `troupe tokenizer train` does.
package enum TokenizerPreparation {
    /// Name of the serialized model.
    package static let modelName = "spiece.model"
    /// Name of the list of pieces and scores.
    package static let vocabularyName = "spiece.vocab"

    /// What was trained.
    package struct Summary: Sendable {
        /// Where the model was written.
        package let modelPath: String
        /// Pieces of the vocabulary.
        package let vocabularySize: Int
        /// Sentences offered to the trainer, before its own sampling.
        package let sentences: Int
        /// What was read, repaired and left out.
        package let report: CorpusReport
    }

    /// Trains on text files or directories of `.txt` files and writes both files to `directory`. Lists fetched by apt
    /// go to `directory` as well. Throws what reading, training or writing throws.
    package static func run(
        input: PreparationInput, training: SentencePieceTraining, preprocessing: AlbertText = .original,
        holdout: HoldoutRule = .nothing, directory: String
    ) throws(TextError) -> Summary {
        try Folders.create(directory)
        let prepared = try PreparedInput(input, fetchingInto: "\(directory)/apt")
        return try run(
            prepared, training: training, preprocessing: preprocessing, holdout: holdout, directory: directory)
    }

    /// As above, on an input that has been found already. Held-out documents are not shown to the trainer.
    static func run(
        _ input: PreparedInput, training: SentencePieceTraining, preprocessing: AlbertText, holdout: HoldoutRule,
        directory: String
    ) throws(TextError) -> Summary {
        let feed = SentenceStream(try input.source(holdout), holdout, preprocessing)
        let result = try SentencePieceTrainer.train(training) { () throws(TextError) -> String? in try feed.next() }
        // Loading it shows that every special piece is there before anything is written.
        let tokenizer = try SentencePieceTokenizer(modelBytes: result.model, preprocessing: preprocessing)
        try Folders.create(directory)
        try OutputFile.create("\(directory)/\(vocabularyName)", Array(result.vocabulary.utf8))
        try OutputFile.create("\(directory)/\(modelName)", result.model)
        return Summary(
            modelPath: "\(directory)/\(modelName)", vocabularySize: tokenizer.vocabularySize,
            sentences: result.sentences, report: feed.report)
    }

    /// The preprocessed sentences of the documents that are not held out.
    private final class SentenceStream {
        private var source: any DocumentSource
        private let holdout: HoldoutRule
        private let preprocessing: AlbertText
        private var pending: ArraySlice<String> = []

        init(_ source: any DocumentSource, _ holdout: HoldoutRule, _ preprocessing: AlbertText) {
            self.source = source
            self.holdout = holdout
            self.preprocessing = preprocessing
        }

        var report: CorpusReport { source.report }

        func next() throws(TextError) -> String? {
            while pending.isEmpty {
                guard let document = try source.next() else { return nil }
                if !holdout.holdsOut(document) { pending = document.sentences[...] }
            }
            return preprocessing.preprocess(pending.removeFirst())
        }
    }
}
