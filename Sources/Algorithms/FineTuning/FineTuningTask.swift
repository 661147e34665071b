package import Models
package import Tensor

/// What a fine-tuning program trains on: the features of a task, its loss and its metrics. Everything that differs between
/// kinds of tasks is here; steps, shards, exchange and checkpoints are the program's.
package protocol FineTuningTask: AnyObject {
    /// The head of the model.
    var head: ModelHead { get }
    /// The words of the head's classes in the order of its logits; empty where it has none.
    var labels: [String] { get }
    /// What the numbers of a sequence classifier mean; nil for other heads.
    var problemType: TaskSettings.ProblemType? { get }
    /// Tokens of each training sample.
    var trainingLengths: [Int] { get }
    /// Numbers that the model gives for each evaluated sample.
    var outputCounts: [Int] { get }
    /// Digest of everything read from the data.
    var digest: String { get }
    /// What the run's summary says about the data: counts, labels, what was left out.
    var summary: [String: String] { get }
    /// The metric by which evaluations are compared; larger is better.
    var bestMetric: String { get }

    /// The loss of some training samples, divided by what belongs to the whole global `batch`, so that the losses and
    /// gradients of all shards add up to those of one machine; and what was right among what.
    func loss(
        of samples: [Int], batch: [Int], _ model: EncoderModel, _ options: ForwardOptions, in context: ComputeContext
    ) throws -> (loss: Tensor, sums: FineTuningSums)

    /// The outputs of some evaluated samples, one after the other, `outputCounts` numbers each.
    func outputs(of samples: Range<Int>, _ model: EncoderModel, in context: ComputeContext) throws -> [Float]

    /// The metrics, given the outputs of all evaluated samples.
    func metrics(_ outputs: [Float]) throws -> [String: Double]
}

/// Loss and hits of a step; the sums over shards and ranks are those of the global batch.
package struct FineTuningSums: Sendable, Equatable, ExchangedSums {
    /// Elements in the tail of the gradient buffer.
    static let count = 4

    /// The loss, already divided by the batch's denominators.
    package var loss = 0.0
    /// The weight of the right predictions, and of all.
    package var correct = 0.0
    package var weight = 0.0
    /// Ranks that were asked to stop.
    package var stopRequests = 0.0

    package init(loss: Double = 0, correct: Double = 0, weight: Double = 0, stopRequests: Double = 0) {
        self.loss = loss
        self.correct = correct
        self.weight = weight
        self.stopRequests = stopRequests
    }

    /// Reads the sums from the tail of an exchanged buffer.
    package init(_ tail: Span<Float>) {
        self.init(
            loss: Double(tail[0]), correct: Double(tail[1]), weight: Double(tail[2]), stopRequests: Double(tail[3]))
    }

    /// The sums as the tail of a gradient buffer.
    package var tail: [Float] { [loss, correct, weight, stopRequests].map { Float($0) } }

    package static func += (total: inout FineTuningSums, part: FineTuningSums) {
        total.loss += part.loss
        total.correct += part.correct
        total.weight += part.weight
        total.stopRequests += part.stopRequests
    }
}
