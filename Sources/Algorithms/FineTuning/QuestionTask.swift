import Models
import Tensor
import Text

/// Where in a passage the answer to a question starts and ends (Devlin et al. 2019, §4.2 and 4.3). The samples are
/// windows: a question with a stretch of its passage.
final class QuestionTask: FineTuningTask {
    let labels: [String] = []
    let problemType: TaskSettings.ProblemType? = nil
    let head = ModelHead.questionAnswering
    let summary: [String: String]
    let digest: String
    let bestMetric: String
    private let reading: QuestionReading
    private let training: [QuestionWindow]
    private let development: [QuestionExample]
    private let developmentFeatures: QuestionFeatures

    /// A task over windows that know their answers, and questions to evaluate with their windows.
    init(
        _ task: TaskDescription, _ reading: QuestionReading, training: [QuestionWindow],
        development: [QuestionExample], _ developmentFeatures: QuestionFeatures, summary: [String: String]
    ) {
        self.reading = reading
        self.training = training
        self.development = development
        self.developmentFeatures = developmentFeatures
        self.summary = summary
        bestMetric = task.bestMetric
        var digest = SHA256Digest()
        for window in training {
            for id in window.ids { digest.update(integer: UInt64(UInt32(bitPattern: id))) }
            for place in [window.passagePositions.lowerBound, window.answer.lowerBound, window.answer.upperBound] {
                digest.update(integer: UInt64(place))
            }
        }
        self.digest = digest.finalize()
    }

    var trainingLengths: [Int] { training.map(\.ids.count) }
    var outputCounts: [Int] { developmentFeatures.windows.map { 2 * $0.ids.count } }

    /// The mean of the cross-entropies of start and end; a window without the answer has both at `[CLS]`. What was right
    /// counts starts and ends apart.
    func loss(
        of samples: [Int], batch: [Int], _ model: EncoderModel, _ options: ForwardOptions, in context: ComputeContext
    ) throws -> (loss: Tensor, sums: FineTuningSums) {
        let chosen = samples.map { training[$0] }
        let (logits, sequences) = try model.spanLogits(of: chosen, options, in: context)
        // Answers lie inside their windows, so that all of the batch count.
        let windows = Double(batch.count)
        let (loss, sums) = ClassificationLoss.spans(
            logits, sequences, starts: chosen.map(\.answer.lowerBound), ends: chosen.map(\.answer.upperBound),
            denominators: (windows, windows))
        return (
            loss,
            FineTuningSums(
                loss: loss.item(), correct: sums.start.correct + sums.end.correct,
                weight: sums.start.weight + sums.end.weight)
        )
    }

    func outputs(of samples: Range<Int>, _ model: EncoderModel, in context: ComputeContext) throws -> [Float] {
        try model.spanLogits(of: Array(developmentFeatures.windows[samples]), in: context).logits.floats()
    }

    func metrics(_ outputs: [Float]) throws -> [String: Double] {
        var (start, logits) = (0, [SpanScores]())
        for count in outputCounts {
            logits.append(SpanScores(rows: outputs[start..<start + count]))
            start += count
        }
        let answers = try reading.answers(development, developmentFeatures, logits)
        let score = try SquadScore.of(development, answers, allowsNoAnswer: reading.settings.allowsNoAnswer)
        return Dictionary(uniqueKeysWithValues: score.pairs.map { ("eval_\($0.key)", $0.value) })
    }
}
