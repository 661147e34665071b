/// Where the prepared records are, and how they are made from text.
package struct DataSection: ConfigurationSection {
    /// The directory that holds `tokenizer`, the training and the held-out records.
    package var directory = "data"
    /// Name of the directory of training records inside `directory`.
    package var train = "train"
    /// Name of the directory of held-out records inside `directory`.
    package var heldout = "heldout"
    package var preparation = PreparationSection()

    package init() {}

    // The place of the data does not determine training: their digest, kept in every checkpoint, does.
    static let fields: [ConfigurationField<DataSection>] = [
        .value("directory", \.directory, .nonEmpty, determinesTraining: false),
        .value("train", \.train, .nonEmpty, determinesTraining: false),
        .value("heldout", \.heldout, .nonEmpty, determinesTraining: false),
        .group("preparation", \.preparation),
    ]
}

/// How records are made from text (ALBERT paper §3.1 and §4.1; BERT paper §3.1).
package struct PreparationSection: ConfigurationSection {
    /// Tokens of a record, special ones included.
    package var maximumSequenceLength = 512
    /// Predicted positions of a record at most.
    package var maximumPredictions = 20
    /// Share of the tokens that is predicted.
    package var maskedProbability = 0.15
    /// Share of the documents that are cut into records of a random shorter length.
    package var shortSequenceProbability = 0.1
    /// Times each document is read, each time cut and masked anew.
    package var dupeFactor = 40
    /// Seed of cutting, pairing and masking.
    package var seed: UInt64 = 12345
    package var wholeWordMasking = true
    /// Words of a masked run at most.
    package var maximumNgram = 3
    /// Runs of n words are drawn with probability proportional to 1/n; false reverses the order.
    package var favorShorterNgram = true
    /// BERT's next-sentence pairs instead of ALBERT's sentence order.
    package var randomNextSentence = false
    /// Share of the documents kept out of training for evaluation.
    package var heldoutFraction = 0.01

    package init() {}

    static let fields: [ConfigurationField<PreparationSection>] = [
        .value("maximum_sequence_length", \.maximumSequenceLength, .within(8...(1 << 16))),
        .value("maximum_predictions", \.maximumPredictions, .within(1...(1 << 16))),
        .value("masked_probability", \.maskedProbability, .within(0.001...1)),
        .value("short_sequence_probability", \.shortSequenceProbability, .within(0...1)),
        .value("dupe_factor", \.dupeFactor, .within(1...1000)),
        .value("seed", \.seed),
        .value("whole_word_masking", \.wholeWordMasking),
        .value("maximum_ngram", \.maximumNgram, .within(1...16)),
        .value("favor_shorter_ngram", \.favorShorterNgram),
        .value("random_next_sentence", \.randomNextSentence),
        .value("heldout_fraction", \.heldoutFraction, .below(1, from: 0)),
    ]

    func checkRelations(path: String) throws(ConfigurationError) {
        guard maximumPredictions < maximumSequenceLength else {
            throw ConfigurationError(
                .inconsistent, key: "\(path).maximum_predictions",
                message: "\(maximumPredictions) is not below maximum_sequence_length, \(maximumSequenceLength)")
        }
    }
}
