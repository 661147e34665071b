package import Text

/// Where the prepared records are, and how they are made from text.
package struct DataSection: ConfigurationSection {
    /// The directory that holds `tokenizer`, the training and the held-out records.
    package var directory = "data"
    /// How the records are made.
    package var preparation = PreparationSection()

    /// The defaults above.
    package init() {}

    // The place of the data does not determine training: their digest, kept in every checkpoint, does.
    static let fields: [ConfigurationField<DataSection>] = [
        .value("directory", \.directory, .nonEmpty, determinesTraining: false),
        .group("preparation", \.preparation),
    ]
}

/// How records are made from text, in the words of `RecordParameters`.
package struct PreparationSection: ConfigurationSection {
    /// How the records are made; ALBERT's way unless said otherwise.
    package var records = RecordParameters()
    /// Share of the documents kept out of training for evaluation.
    package var heldoutShare = 0.02

    /// The defaults above.
    package init() {}

    static let fields: [ConfigurationField<PreparationSection>] = [
        .value("objective", \.records.objective),
        .value("max_sequence_length", \.records.maxSequenceLength, .within(8...65_535)),
        .value("max_predictions", \.records.maxPredictions, .within(1...65_535)),
        .value("masking_probability", \.records.maskingProbability, .within(0.001...0.999)),
        .value("short_sequence_probability", \.records.shortSequenceProbability, .within(0...1)),
        .value("duplicate_factor", \.records.duplicateFactor, .within(1...1000)),
        .value("seed", \.records.seed),
        .value("whole_word", \.records.wholeWord),
        .value("max_ngram", \.records.maxNgram, .within(1...16)),
        .value("favors_shorter_ngrams", \.records.favorsShorterNgrams),
        .value("heldout_share", \.heldoutShare, .below(1, from: 0)),
    ]

    func checkRelations(path: String) throws(ConfigurationError) {
        guard records.maxPredictions < records.maxSequenceLength else {
            throw ConfigurationError(
                .inconsistent, key: "\(path).max_predictions",
                message: "\(records.maxPredictions) is not below max_sequence_length, \(records.maxSequenceLength)")
        }
    }
}

extension RecordParameters.Objective: ConfigurationChoice {}
