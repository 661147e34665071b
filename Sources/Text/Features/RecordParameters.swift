/// How pretraining records are made. The defaults are ALBERT's (ALBERT paper §4.1 and its data preparation code).
package struct RecordParameters: Sendable, Hashable, Codable {
    /// The second objective besides masked tokens.
    package enum Objective: String, Sendable, Codable, CaseIterable {
        /// ALBERT: are the two segments in their order (0) or swapped (1)?
        case sentenceOrder = "sentence_order"
        /// BERT: is the second segment the next one (0) or random text (1)?
        case nextSentence = "next_sentence"
    }

    /// The second objective.
    package var objective = Objective.sentenceOrder
    /// Tokens per record, `[CLS]` and two `[SEP]` included.
    package var maxSequenceLength = 512
    /// Masked tokens per record, at most.
    package var maxPredictions = 20
    /// Share of the tokens that is masked.
    package var maskingProbability = 0.15
    /// Probability that a document is cut to a random shorter length in one pass.
    package var shortSequenceProbability = 0.1
    /// Passes over all documents, each with other pairs and masks.
    package var duplicateFactor = 40
    /// Keys all randomness.
    package var seed: UInt64 = 12345
    /// Mask whole words instead of single pieces.
    package var wholeWord = true
    /// Longest run of words masked together.
    package var maxNgram = 3
    /// Draw runs of n words with probability proportional to 1/n; otherwise the same probabilities reversed.
    package var favorsShorterNgrams = true

    /// ALBERT's defaults.
    package init() {}

    /// BERT's defaults: next-sentence prediction, single pieces, 128 tokens, 10 passes.
    package static let bert = {
        var parameters = RecordParameters()
        parameters.objective = .nextSentence
        parameters.maxSequenceLength = 128
        parameters.duplicateFactor = 10
        parameters.wholeWord = false
        parameters.maxNgram = 1
        return parameters
    }()

    /// Throws `invalidParameter` naming the first value out of range.
    package func validate() throws(TextError) {
        let checks: [(Bool, String)] = [
            ((5...65_535).contains(maxSequenceLength), "max_sequence_length \(maxSequenceLength) must be in 5...65535"),
            (
                (1..<maxSequenceLength).contains(maxPredictions),
                "max_predictions \(maxPredictions) must be in 1..<\(maxSequenceLength)"
            ),
            (
                maskingProbability > 0 && maskingProbability < 1,
                "masking_probability \(maskingProbability) must be in (0, 1)"
            ),
            (
                (0...1).contains(shortSequenceProbability),
                "short_sequence_probability \(shortSequenceProbability) must be in [0, 1]"
            ),
            (duplicateFactor > 0, "duplicate_factor \(duplicateFactor) must be positive"),
            ((1...16).contains(maxNgram), "max_ngram \(maxNgram) must be in 1...16"),
        ]
        for (holds, message) in checks where !holds { throw TextError(.invalidParameter, message) }
    }
}
