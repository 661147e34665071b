import Models
import Tensor
import Text

/// A class for each word of a sentence, predicted at the first token of the word (Devlin et al. 2019, §5.3).
final class TaggingTask: FineTuningTask {
    /// A sentence that was cut into tokens.
    struct Sample {
        let ids: [Int32]
        /// The token that begins each word that was kept, and the word's class.
        let firstTokens: [Int]
        let tags: [Int]
        /// The place of each word that was kept in its sentence.
        let words: [Int]

        /// The class at each token, ignored where no word begins.
        var labels: [Int32] {
            var labels = [Int32](repeating: ClassificationLoss.ignoredLabel, count: ids.count)
            for (token, tag) in zip(firstTokens, tags) { labels[token] = Int32(tag) }
            return labels
        }
    }

    let labels: [String]
    let summary: [String: String]
    let digest: String
    let bestMetric: String
    let problemType: TaskSettings.ProblemType? = nil
    private let training: [Sample]
    private let development: [Sample]
    private let task: TaskDescription

    init(
        _ task: TaskDescription, labels: [String], training: [Sample], development: [Sample],
        summary: [String: String]
    ) {
        self.task = task
        self.labels = labels
        self.training = training
        self.development = development
        self.summary = summary
        bestMetric = task.bestMetric
        var digest = SHA256Digest()
        for sample in training {
            for id in sample.ids { digest.update(integer: UInt64(UInt32(bitPattern: id))) }
            for label in sample.labels { digest.update(integer: UInt64(UInt32(bitPattern: label))) }
        }
        self.digest = digest.finalize()
    }

    var head: ModelHead { .tokenClassification(labels: labels.count) }
    var trainingLengths: [Int] { training.map(\.ids.count) }
    /// Of each evaluated sentence, the places of the words that have outputs.
    var evaluatedWords: [[Int]] { development.map(\.words) }
    var outputCounts: [Int] { development.map { $0.tags.count * labels.count } }

    func loss(
        of samples: [Int], batch: [Int], _ model: EncoderModel, _ options: ForwardOptions, in context: ComputeContext
    ) throws -> (loss: Tensor, sums: FineTuningSums) {
        let chosen = samples.map { training[$0] }
        let words = batch.reduce(0) { $0 + training[$1].tags.count }
        let (loss, sums) = ClassificationLoss.crossEntropy(
            model.tokenLogits(try input(chosen, model, context), options), labels: chosen.flatMap(\.labels),
            denominator: Double(max(words, 1)))
        return (loss, FineTuningSums(loss: loss.item(), correct: sums.correct, weight: sums.weight))
    }

    func outputs(of samples: Range<Int>, _ model: EncoderModel, in context: ComputeContext) throws -> [Float] {
        let chosen = Array(development[samples])
        let logits = model.tokenLogits(try input(chosen, model, context)).floats()
        var outputs: [Float] = []
        var row = 0
        for sample in chosen {
            for token in sample.firstTokens {
                outputs += logits[(row + token) * labels.count..<(row + token + 1) * labels.count]
            }
            row += sample.ids.count
        }
        return outputs
    }

    func metrics(_ outputs: [Float]) throws -> [String: Double] {
        var (start, loss) = (0, 0.0)
        var predicted: [[String]] = []
        for sample in development {
            predicted.append(
                sample.tags.map { tag in
                    let row = outputs[start..<start + labels.count].map(Double.init)
                    start += labels.count
                    loss += Prediction.crossEntropy(row, tag)
                    return labels[Prediction.best(row)]
                })
        }
        let words = development.reduce(0) { $0 + $1.tags.count }
        return TaskPredictions.tags(predicted, labels: development.map { $0.tags.map { labels[$0] } })
            .metrics(of: task, loss: loss / Double(max(words, 1)))
    }

    private func input(_ samples: [Sample], _ model: EncoderModel, _ context: ComputeContext) throws -> EncoderInput {
        try EncoderInput(
            samples.map { ($0.ids, [Int32](repeating: 0, count: $0.ids.count)) }, for: model.configuration, in: context)
    }
}
