package import Algorithms
import Foundation

/// The loop of one rank, top to bottom: restore, then per step train, report, evaluate, save; at the end save and export.
///
/// It runs on the trainer thread and blocks. Everything that differs between kinds of training is in the program,
/// everything that differs between one and many processes is in the exchange.
package struct TrainingLoop {
    /// What the loop tells the outside; rank 0 alone tells it.
    package enum Notice: Sendable {
        /// A step is complete; `step` counts from 1.
        case step(Int, values: [String: Double])
        /// The weights after `step` steps were evaluated.
        case evaluation(Int, values: [String: Double])
        /// Something worth an entry in `events.jsonl`.
        case event(String, step: Int, details: [String: String])
    }

    /// How a loop ended on this rank.
    package struct Outcome: Sendable {
        /// Completed steps.
        package var step: Int
        /// Whether all steps were done, or the run was asked to stop before.
        package var completed: Bool
        /// The last evaluation; empty if the run stopped before the first one.
        package var evaluation: [String: Double]
        /// `weights_sha256` and `optimizer_sha256`; equal on all ranks of a sound run.
        package var digests: [String: String]
        /// Seconds spent in training steps, and real tokens trained on, since this process started.
        package var trainingSeconds: Double
        package var trainedTokens: Int
        /// Trained numbers of the model.
        package var parameterCount: Int
    }

    /// What to train.
    package let program: any TrainingProgram
    /// How the ranks meet.
    package let exchange: any GradientExchange
    /// What the outside wants, and where it reads the loop's position.
    package let control: RunControl
    /// Set on rank 0 alone.
    package let checkpoints: CheckpointWriter?
    /// Steps between evaluations and between checkpoints; 0 for the end of the run only.
    package let evaluationInterval: Int
    package let checkpointInterval: Int
    /// Where rank 0 writes the trained model.
    package let modelDirectory: String
    /// Called on the trainer thread; must not block.
    package let notify: @Sendable (Notice) -> Void
    /// Waits until what was notified so far has arrived. Called before a checkpoint is handed over: a run that is
    /// killed and resumed from it must not miss a step in its log.
    package let settle: @Sendable () -> Void

    package init(
        program: any TrainingProgram, exchange: any GradientExchange, control: RunControl,
        checkpoints: CheckpointWriter?, evaluationInterval: Int, checkpointInterval: Int, modelDirectory: String,
        notify: @escaping @Sendable (Notice) -> Void, settle: @escaping @Sendable () -> Void = {}
    ) {
        self.program = program
        self.exchange = exchange
        self.control = control
        self.checkpoints = checkpoints
        self.evaluationInterval = evaluationInterval
        self.checkpointInterval = checkpointInterval
        self.modelDirectory = modelDirectory
        self.notify = notify
        self.settle = settle
    }

    /// Trains from `checkpoint`, or from the program's initial weights, to the last step or a stop.
    ///
    /// - Parameter checkpoint: what rank 0 continues from; the other ranks receive its state.
    /// - Throws: the program's, the exchange's or the store's error.
    package func run(from checkpoint: Checkpoint?) throws -> Outcome {
        let isRoot = exchange.rank == 0
        control.enter("starting", step: 0)
        var step = try agreeOnStart(checkpoint)
        if isRoot { notify(.event("training_started", step: step, details: program.summary)) }

        let started = ContinuousClock.now
        var trainingTime = Duration.zero
        var trainedTokens = 0
        var evaluation: [String: Double] = [:]
        var stopped = false

        while step < program.totalSteps && !stopped {
            // An exchange that is waiting is broken off; a rank that is alone, or computes, looks here.
            if let reason = control.abortReason { throw WorkerError(.aborted, reason) }
            control.enter("training", step: step)
            let before = ContinuousClock.now
            let outcome = try program.train(step: step, stopRequested: control.stopRequested, exchange: exchange)
            let seconds = before.duration(to: .now)
            step += 1
            trainingTime += seconds
            trainedTokens += outcome.tokens
            stopped = outcome.stop
            if isRoot {
                var values = outcome.values
                values["seconds"] = seconds.inSeconds
                values["tokens_per_second"] = Double(outcome.tokens) / seconds.inSeconds
                values["elapsed_seconds"] = started.duration(to: .now).inSeconds
                notify(.step(step, values: values))
            }
            let isLast = step == program.totalSteps
            if isLast || (isDue(step, every: evaluationInterval) && !stopped) {
                control.enter("evaluating", step: step)
                evaluation = try program.evaluate(step: step, exchange: exchange)
                if isRoot { notify(.evaluation(step, values: evaluation)) }
            }
            if let checkpoints, isLast || stopped || isDue(step, every: checkpointInterval) {
                control.enter("saving", step: step)
                settle()
                try checkpoints.save(program.checkpoint(completedSteps: step))
            }
        }
        if step == program.totalSteps && evaluation.isEmpty {
            // Resumed from the last step's checkpoint: nothing is left to train, the result is still owed.
            control.enter("evaluating", step: step)
            evaluation = try program.evaluate(step: step, exchange: exchange)
            if isRoot { notify(.evaluation(step, values: evaluation)) }
        }
        if step == program.totalSteps {
            evaluation = try program.evaluateResult(step: step, latest: evaluation, exchange: exchange)
        }
        control.enter("finishing", step: step)
        if isRoot {
            try checkpoints?.waitUntilIdle()
            if step == program.totalSteps {
                try program.export(to: modelDirectory)
                notify(.event("model_written", step: step, details: ["directory": modelDirectory]))
            }
        }
        // Nobody leaves before rank 0's files are on disk: a run that fails to save fails on every rank.
        try exchange.barrier(step: step)
        let (weights, optimizer) = program.digests()
        return Outcome(
            step: step, completed: step == program.totalSteps, evaluation: evaluation,
            digests: ["weights_sha256": weights, "optimizer_sha256": optimizer],
            trainingSeconds: trainingTime.inSeconds, trainedTokens: trainedTokens,
            parameterCount: program.parameterCount)
    }

    private func isDue(_ step: Int, every interval: Int) -> Bool { interval > 0 && step % interval == 0 }

    /// Restores rank 0's state, tells the others the step, and makes every rank's state equal to rank 0's.
    private func agreeOnStart(_ checkpoint: Checkpoint?) throws -> Int {
        var step = Int64(0)
        if let checkpoint { step = Int64(try program.restore(checkpoint)) }
        try unsafe withUnsafeMutableBytes(of: &step) { try unsafe exchange.broadcast($0, root: 0, step: 0) }
        try program.synchronize(root: 0, step: Int(step), exchange: exchange)
        return Int(step)
    }
}

extension Duration {
    /// The duration in seconds.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
