import Algorithms
package import ControlPlane
import Foundation

/// Writes down what happens in a run, as it happens: `metrics.jsonl`, `events.jsonl`, TensorBoard files, the progress
/// line. Called by the coordinator's actor.
package final class RunChronicle: Sendable {
    private let run: RunDescription
    private let recorder: RunRecorder
    private let progress: ProgressPrinter
    private let started = ContinuousClock.now

    package init(_ run: RunDescription, recorder: RunRecorder, progress: ProgressPrinter) {
        self.run = run
        self.recorder = recorder
        self.progress = progress
    }

    /// Records the numbers of a step and shows them. Throws `CoordinatorError` with code `storage`.
    package func step(_ report: StepReport, ranksAlive: Int) throws {
        try recorder.step(MetricRecord(step: report.step, values: report.values), at: Date())
        progress.update(
            RunProgress(
                step: report.step, totalSteps: run.configuration.training.steps, loss: report.values["loss"],
                accuracy: report.values["masked_lm_accuracy"] ?? report.values["accuracy"],
                tokensPerSecond: report.values["tokens_per_second"],
                ranksAlive: ranksAlive, worldSize: run.worldSize),
            at: started.duration(to: .now).inSeconds)
    }

    /// Records what a worker tells; evaluations are shown.
    package func workerEvent(_ event: RunEvent) throws {
        guard event.name == LoggedEvent.evaluation else {
            try self.event(event.name, rank: event.rank, step: event.step, details: event.details)
            return
        }
        // The step is the record's own; the original programs' key for it stays in the final results.
        let values = event.details.compactMapValues(Double.init).filter { $0.key != "global_step" }
        try recorder.evaluation(MetricRecord(step: event.step, values: values), at: Date())
        progress.note(Self.evaluationLine(step: event.step, values: values))
    }

    /// Records an event of the coordinator's own.
    package func event(
        _ name: String, rank: Int? = nil, processID: Int? = nil, step: Int? = nil, details: [String: String] = [:]
    ) throws {
        let members = details.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
        try recorder.event(
            LoggedEvent(time: Date(), name: name, rank: rank, processID: processID, step: step, details: members))
    }

    /// Ends the progress line.
    package func finish() {
        progress.finish()
    }

    /// `step 200: held-out masked-LM loss 5.1234 (unigram 6.3456), accuracy 0.18; pairs 0.71 right`
    static func evaluationLine(step: Int, values: [String: Double]) -> String {
        guard values.keys.contains("masked_lm_loss") else {
            let numbers = values.sorted { $0.key < $1.key }.map { "\($0.key) \(String(format: "%.4f", $0.value))" }
            return "step \(step): \(numbers.joined(separator: ", "))"
        }
        func number(_ key: String, _ digits: Int) -> String {
            values[key].map { String(format: "%.\(digits)f", $0) } ?? "?"
        }
        let pair = values.keys.contains("next_sentence_accuracy") ? "next_sentence" : "sentence_order"
        return "step \(step): held-out masked_lm_loss \(number("masked_lm_loss", 4)) "
            + "(unigram \(number("unigram_cross_entropy", 4))), masked_lm_accuracy \(number("masked_lm_accuracy", 3)), "
            + "\(pair)_accuracy \(number("\(pair)_accuracy", 3))"
    }
}

extension Duration {
    /// The duration in seconds.
    fileprivate var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
