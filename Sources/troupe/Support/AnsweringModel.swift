import Algorithms
import Foundation
import Models
import Tensor
import Text

/// A question-answering model that is used: its weights, its tokenizer, and how they read.
struct AnsweringModel {
    /// What a model says of some questions.
    struct Answers {
        /// The answers in the order of the questions.
        let predictions: [AnswerPrediction]
        /// The windows that were read, and the logits of each.
        let features: QuestionFeatures
        let logits: [SpanScores]
    }

    private static let batchSize = 16

    let reading: QuestionReading
    private let model: EncoderModel
    private let context: ComputeContext

    /// Opens a directory. Throws `ModelsError` or `TextError` for what is in it, `CommandError` if it has no head for
    /// questions.
    init(directory: String, _ options: QuestionOptions, maximumLength: Int?, allowsNoAnswer: Bool) throws {
        context = ComputeContext(threads: ProcessInfo.processInfo.activeProcessorCount)
        model = try ModelDirectory.load(directory, head: .questionAnswering, tolerating: .nothing, in: context).model
        reading = try options.reading(
            loadTokenizer(directory: directory), maximumLength: maximumLength,
            maximumTokens: model.configuration.maximumTokens,
            allowsNoAnswer: allowsNoAnswer)
    }

    /// Answers questions; `progress` is told how many of how many windows are done.
    func answers(_ examples: [QuestionExample], progress: (Int, Int) -> Void = { _, _ in }) throws -> Answers {
        let features = try reading.features(examples, for: .prediction, threads: context.threads)
        var logits: [SpanScores] = []
        while logits.count < features.windows.count {
            let rest = features.windows[logits.count...].prefix(Self.batchSize)
            logits += try model.spanScores(of: Array(rest), batchSize: Self.batchSize, in: context)
            progress(logits.count, features.windows.count)
        }
        return Answers(
            predictions: try reading.answers(examples, features, logits, threads: context.threads),
            features: features, logits: logits)
    }
}
