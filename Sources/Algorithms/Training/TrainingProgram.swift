package import Tensor
import Text

/// What a rank does in one step. Pretraining, fine-tuning, adversarial and policy training are programs; the setup
/// around them (coordinator, worker, exchange, checkpoints) does not know which one it runs.
///
/// A program belongs to one trainer thread and blocks it.
package protocol TrainingProgram: AnyObject {
    /// The number of optimizer steps after which the run is complete.
    var totalSteps: Int { get }
    /// The number of trained numbers, tied ones counted once.
    var parameterCount: Int { get }
    /// What the run report and the log say about the program before its first step: model, parameters, data.
    var summary: [String: String] { get }

    /// Computes this rank's shards of `step` (from 0), exchanges gradients and updates the weights.
    ///
    /// - Parameter stopRequested: whether this rank was asked to stop. The exchange carries it, so that all ranks
    ///   learn of it in the same step.
    func train(step: Int, stopRequested: Bool, exchange: any GradientExchange) throws -> StepOutcome

    /// Evaluates the current weights on held-out data, shared among the ranks; every rank gets the same values.
    func evaluate(step: Int, exchange: any GradientExchange) throws -> [String: Double]

    /// The metrics of what `export` writes, where those are not the current weights; `latest` is the last evaluation. The
    /// run ends with this.
    func evaluateResult(
        step: Int, latest: [String: Double], exchange: any GradientExchange
    ) throws -> [String: Double]

    /// A copy of everything that the next step depends on, taken after `completedSteps` steps.
    func checkpoint(completedSteps: Int) -> Checkpoint
    /// Continues from `checkpoint`. Returns the number of completed steps.
    func restore(_ checkpoint: Checkpoint) throws -> Int
    /// Writes the trained model where `transformers` can open it.
    func export(to directory: String) throws
    /// SHA-256 of the weights and of the optimizer's state, as hexadecimal text.
    func digests() -> (weights: String, optimizer: String)

    /// Makes the state of all ranks equal to that of rank `root`, after `step` completed steps.
    func synchronize(root: Int, step: Int, exchange: any GradientExchange) throws
}

extension TrainingProgram {
    package func evaluateResult(
        step: Int, latest: [String: Double], exchange: any GradientExchange
    ) throws -> [String: Double] { latest }
}

/// What one step did, the same on every rank.
package struct StepOutcome: Sendable {
    /// Metrics of the global batch by name.
    package var values: [String: Double]
    /// Whether some rank was asked to stop: all ranks end after this step.
    package var stop: Bool
    /// Real (unpadded) tokens in the global batch.
    package var tokens: Int

    package init(values: [String: Double], stop: Bool, tokens: Int) {
        self.values = values
        self.stop = stop
        self.tokens = tokens
    }
}

/// The program that a run file asks for.
///
/// - Throws: the program's own error when data, model and run file disagree.
package func makeTrainingProgram(
    _ configuration: RunConfiguration, in context: ComputeContext
) throws -> any TrainingProgram {
    switch configuration.program {
    case .pretraining: try PretrainingProgram(configuration, in: context)
    case .finetuning: try FineTuningProgram(configuration, in: context)
    }
}

/// Checks everything that a run reads before any process starts: files are whole and fit the run file.
///
/// - Throws: the program's own error, naming file or key.
package func checkTrainingInputs(_ configuration: RunConfiguration) throws {
    switch configuration.program {
    case .pretraining: _ = try PretrainingData(configuration, verifying: .contents)
    case .finetuning: _ = try FineTuningOutlook(configuration)
    }
}
