import Models
import Tensor
import Text

/// Classes, scores or sets of classes of single texts and of pairs (Devlin et al. 2019, §4.1).
final class SequenceTask: FineTuningTask {
    /// A text that was cut into tokens, and what is to be predicted of it: a class, a score, or 0 or 1 per class.
    struct Sample {
        let ids: [Int32]
        let typeIDs: [Int32]
        let target: [Double]
    }

    /// What the numbers of the head mean.
    enum Kind: Sendable {
        case classes, scores, sets
    }

    let labels: [String]
    let summary: [String: String]
    let digest: String
    let bestMetric: String
    let head: ModelHead
    private let kind: Kind
    private let training: [Sample]
    private let development: [Sample]
    private let classWeights: [Double]?
    private let measure: @Sendable (_ predicted: [[Double]], _ gold: [[Double]]) throws -> [String: Double]

    /// A task over samples, at least one of each. `measure` gives the metrics of rows of outputs against targets.
    init(
        kind: Kind, form: TaskSection.Head, labels: [String], training: [Sample], development: [Sample],
        balancesClasses: Bool,
        bestMetric: String, summary: [String: String],
        measure: @escaping @Sendable (_ predicted: [[Double]], _ gold: [[Double]]) throws -> [String: Double]
    ) {
        self.kind = kind
        let width = kind == .scores ? 1 : labels.count
        head =
            form == .pooled ? .sequenceClassification(labels: width) : .firstTokenClassification(labels: width)
        self.labels = labels
        self.training = training
        self.development = development
        self.bestMetric = bestMetric
        self.summary = summary
        self.measure = measure
        classWeights = kind == .classes && balancesClasses ? Self.balancedWeights(training, labels.count) : nil
        var digest = SHA256Digest()
        for sample in training {
            for id in sample.ids { digest.update(integer: UInt64(UInt32(bitPattern: id))) }
            for number in sample.target { digest.update(integer: number.bitPattern) }
        }
        self.digest = digest.finalize()
    }

    var problemType: TaskSettings.ProblemType? {
        switch kind {
        case .classes: .singleLabelClassification
        case .scores: .regression
        case .sets: .multiLabelClassification
        }
    }
    var trainingLengths: [Int] { training.map(\.ids.count) }
    var outputCounts: [Int] { Array(repeating: width, count: development.count) }
    private var width: Int { kind == .scores ? 1 : labels.count }

    func loss(
        of samples: [Int], batch: [Int], _ model: EncoderModel, _ options: ForwardOptions, in context: ComputeContext
    ) throws -> (loss: Tensor, sums: FineTuningSums) {
        let chosen = samples.map { training[$0] }
        let logits = model.sequenceLogits(try input(chosen, model, context), options)
        let result: (loss: Tensor, sums: LossSums)
        switch kind {
        case .classes:
            func classes(_ samples: [Sample]) -> [Int32] { samples.map { Int32($0.target[0]) } }
            let whole = ClassificationLoss.weight(of: classes(batch.map { training[$0] }), classWeights: classWeights)
            result = ClassificationLoss.crossEntropy(
                logits, labels: classes(chosen), classWeights: classWeights, denominator: whole)
        case .scores:
            result = ClassificationLoss.meanSquaredError(
                logits, targets: chosen.flatMap(\.target), denominator: Double(batch.count))
        case .sets:
            result = ClassificationLoss.binaryCrossEntropy(
                logits, targets: chosen.flatMap(\.target), denominator: Double(batch.count * width))
        }
        // Scores are neither right nor wrong.
        let counted = kind == .scores ? 0 : result.sums.weight
        return (
            result.loss,
            FineTuningSums(loss: result.loss.item(), correct: result.sums.correct, weight: counted)
        )
    }

    func outputs(of samples: Range<Int>, _ model: EncoderModel, in context: ComputeContext) throws -> [Float] {
        model.sequenceLogits(try input(Array(development[samples]), model, context)).floats()
    }

    func metrics(_ outputs: [Float]) throws -> [String: Double] {
        let rows = development.indices.map { row in outputs[row * width..<(row + 1) * width].map(Double.init) }
        return try measure(rows, development.map(\.target))
    }

    private func input(_ samples: [Sample], _ model: EncoderModel, _ context: ComputeContext) throws -> EncoderInput {
        try EncoderInput(samples.map { ($0.ids, $0.typeIDs) }, for: model.configuration, in: context)
    }

    /// n / (classes · n of the class), so that every class weighs the same; 0 for a class that does not occur.
    private static func balancedWeights(_ samples: [Sample], _ classes: Int) -> [Double] {
        var counts = [Int](repeating: 0, count: classes)
        for sample in samples { counts[Int(sample.target[0])] += 1 }
        return counts.map { $0 == 0 ? 0 : Double(samples.count) / Double(classes * $0) }
    }
}
