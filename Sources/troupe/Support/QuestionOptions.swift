import Algorithms
import ArgumentParser
import Text

/// How questions and passages are read and answers chosen, on the command line; the defaults are those of the published
/// programs for SQuAD.
struct QuestionOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("Tokens from one window over a long passage to the next.", valueName: "n"))
    var documentStride = QuestionWindowing().stride

    @Option(name: .long, help: ArgumentHelp("Tokens of a question; the rest is cut off.", valueName: "n"))
    var maxQueryLength = QuestionWindowing().questionLimit

    @Option(name: .long, help: ArgumentHelp("Tokens of an answer at most.", valueName: "n"))
    var maxAnswerLength = AnswerSettings().maximumTokens

    @Option(name: .long, help: ArgumentHelp("Starts and ends that are combined, and candidates kept.", valueName: "n"))
    var nBest = AnswerSettings().candidates

    @Option(
        name: .long,
        help: ArgumentHelp("By how much 'no answer' must beat the best answer, where it is allowed.", valueName: "x"))
    var nullThreshold = 0.0

    func validate() throws {
        for (name, value) in [
            ("document-stride", documentStride), ("max-query-length", maxQueryLength),
            ("max-answer-length", maxAnswerLength),
        ] { try requireOption(name, value, in: 1...65_536) }
        try requireOption("n-best", nBest, in: 1...1000)
        guard nullThreshold.isFinite else { throw ValidationError("--null-threshold is \(nullThreshold)") }
    }

    /// These options, with windows of `maximumLength` tokens, for a model of `maximumTokens` positions. Throws `CommandError` if windows are longer than that.
    func reading(
        _ tokenizer: any Tokenizer, maximumLength: Int?, maximumTokens: Int, allowsNoAnswer: Bool
    ) throws -> QuestionReading {
        var reading = QuestionReading(tokenizer)
        reading.windowing.maximumLength = maximumLength ?? min(reading.windowing.maximumLength, maximumTokens)
        guard reading.windowing.maximumLength <= maximumTokens else {
            throw CommandError(
                .badData,
                "--max-length is \(reading.windowing.maximumLength), more than the model's \(maximumTokens) positions")
        }
        reading.windowing.stride = documentStride
        reading.windowing.questionLimit = maxQueryLength
        reading.settings.maximumTokens = maxAnswerLength
        reading.settings.candidates = nBest
        reading.settings.nullThreshold = nullThreshold
        reading.settings.allowsNoAnswer = allowsNoAnswer
        return reading
    }
}
