package import Text

/// How one tokenizer's model reads questions and is read: windows in, answers out. ALBERT's vocabularies have the ways of
/// ALBERT's programs, all others those of BERT's.
package struct QuestionReading: Sendable {
    /// Cuts the texts.
    package let tokenizer: any Tokenizer
    /// How windows are cut.
    package var windowing = QuestionWindowing()
    /// How answers are chosen.
    package var settings = AnswerSettings()

    /// The settings of the published programs.
    package init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

    /// Whether answers are scored by log-probabilities (ALBERT, version 1.1) instead of logits.
    package var scoresLogProbabilities: Bool { tokenizer is SentencePieceTokenizer && !settings.allowsNoAnswer }

    /// The windows of questions.
    ///
    /// - Throws: `TextError` as `QuestionFeatures` does.
    package func features(
        _ examples: [QuestionExample], for purpose: QuestionFeatures.Purpose, threads: Int = 1
    ) throws(TextError) -> QuestionFeatures {
        if let tokenizer = tokenizer as? SentencePieceTokenizer {
            return try QuestionFeatures(
                examples, aligning: tokenizer, purpose: purpose, windowing: windowing, threads: threads)
        }
        return try QuestionFeatures(
            examples, tokenizer: tokenizer, purpose: purpose, windowing: windowing, threads: threads)
    }

    /// The answers, given the logits of each window, in the order of the questions.
    ///
    /// - Throws: `invalidParameter` for settings out of range, or if the logits do not fit the windows.
    package func answers(
        _ examples: [QuestionExample], _ features: QuestionFeatures, _ logits: [SpanScores], threads: Int = 1
    ) throws(TextError) -> [AnswerPrediction] {
        if scoresLogProbabilities {
            return try features.albertAnswers(
                examples, checkpoints: [logits.map(\.logProbabilities)], settings: settings)
        }
        let words = (tokenizer as? WordPieceTokenizer).map { AnswerWording.words($0.settings) }
        return try features.answers(
            examples, logits, tokenizer: tokenizer, wording: words ?? .passage, settings: settings, threads: threads)
    }
}
