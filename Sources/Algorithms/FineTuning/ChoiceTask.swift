import Models
import Tensor
import Text

/// The right one of several answers: a score per answer, a softmax over those of a question (Lan et al. 2020, appendix;
/// Lai et al. 2017). A sample is a question; each of its answers is a sequence of its own.
final class ChoiceTask: FineTuningTask {
    /// A question whose answers were cut into tokens.
    struct Sample {
        /// Tokens and token types of each answer in its context.
        let choices: [(ids: [Int32], typeIDs: [Int32])]
        /// The place of the right answer; 0 where it is not known, which nothing reads.
        let label: Int
        /// The part of the data whose scores are also reported apart.
        let group: String?

        /// Tokens of all answers.
        var tokenCount: Int { choices.reduce(0) { $0 + $1.ids.count } }
    }

    let labels: [String] = []
    let summary: [String: String]
    let digest: String
    let bestMetric: String
    let problemType: TaskSettings.ProblemType? = nil
    let head = ModelHead.multipleChoice
    private let training: [Sample]
    private let development: [Sample]
    private let task: TaskDescription

    init(_ task: TaskDescription, training: [Sample], development: [Sample], summary: [String: String]) {
        self.task = task
        self.training = training
        self.development = development
        self.summary = summary
        bestMetric = task.bestMetric
        var digest = SHA256Digest()
        for sample in training {
            for choice in sample.choices {
                digest.update(integer: UInt64(choice.ids.count))
                for id in choice.ids { digest.update(integer: UInt64(UInt32(bitPattern: id))) }
            }
            digest.update(integer: UInt64(sample.label))
        }
        self.digest = digest.finalize()
    }

    var trainingLengths: [Int] { training.map(\.tokenCount) }
    var outputCounts: [Int] { development.map(\.choices.count) }

    func loss(
        of samples: [Int], batch: [Int], _ model: EncoderModel, _ options: ForwardOptions, in context: ComputeContext
    ) throws -> (loss: Tensor, sums: FineTuningSums) {
        let chosen = samples.map { training[$0] }
        let (loss, sums) = ClassificationLoss.choices(
            model.choiceLogits(try input(chosen, model, context), options), groups: chosen.map(\.choices.count),
            labels: chosen.map { Int32($0.label) }, denominator: Double(batch.count))
        return (loss, FineTuningSums(loss: loss.item(), correct: sums.correct, weight: sums.weight))
    }

    func outputs(of samples: Range<Int>, _ model: EncoderModel, in context: ComputeContext) throws -> [Float] {
        model.choiceLogits(try input(Array(development[samples]), model, context)).floats()
    }

    func metrics(_ outputs: [Float]) throws -> [String: Double] {
        var (start, loss) = (0, 0.0)
        let predictions = development.map { sample in
            let row = outputs[start..<start + sample.choices.count].map(Double.init)
            start += sample.choices.count
            loss += Prediction.crossEntropy(row, sample.label)
            return Prediction.best(row)
        }
        return TaskPredictions.choices(
            predictions, labels: development.map(\.label), groups: development.map(\.group)
        ).metrics(of: task, loss: loss / Double(max(development.count, 1)))
    }

    private func input(_ samples: [Sample], _ model: EncoderModel, _ context: ComputeContext) throws -> EncoderInput {
        try EncoderInput(samples.flatMap(\.choices), for: model.configuration, in: context)
    }
}
