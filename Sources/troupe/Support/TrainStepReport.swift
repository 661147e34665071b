import Algorithms
import Foundation

/// What was measured of a training step, for programs and for readers.
struct TrainStepReport {
    let workload: StepWorkload
    /// At least one.
    let measurements: [StepMeasurement]
    let parameterCount: Int
    /// Before the last step.
    let loss: Double

    private var median: StepMeasurement { .median(of: measurements) }

    private var operationsPerStep: Double {
        StepOperations(workload.model).perStep(lengths: workload.lengths, predictions: workload.predictions)
    }

    /// The keys that `--help` lists, and what was run.
    var json: [String: Any] {
        let median = median
        var object: [String: Any] = [
            "model": workload.modelName, "parameters": parameterCount, "optimizer": workload.optimizer.rawValue,
            "batch": workload.batchSize, "sequence_length": workload.sequenceLength,
            "lengths": workload.lengthRule.rawValue, "activation_checkpointing": workload.recomputesActivations,
            "tokens_per_step": workload.tokens, "slots_per_step": workload.slots,
            "predictions_per_step": workload.predictions, "flops_per_step": operationsPerStep,
            "tokens_per_second": Double(workload.tokens) / median.seconds,
            "slots_per_second": Double(workload.slots) / median.seconds,
            "flops_per_second": operationsPerStep / median.seconds,
            "median_step_seconds": median.seconds, "step_seconds": measurements.map(\.seconds),
            "phases": Dictionary(uniqueKeysWithValues: median.phases.map { ($0.key.rawValue, $0.value) }),
            "operations": median.operations, "loss": loss,
        ]
        object["peak_rss_mib"] = PeakMemory.mebibytes
        return object
    }

    /// A few lines and tables; `arithmetic` says what it ran on.
    func text(_ arithmetic: String) -> String {
        let median = median
        let (fastest, slowest) = (
            measurements.map(\.seconds).min() ?? 0, measurements.map(\.seconds).max() ?? 0
        )
        let tokens = workload.tokens == workload.slots ? "" : ", \(workload.tokens) of \(workload.slots) slots filled"
        let recomputing = workload.recomputesActivations ? ", activation checkpointing" : ""
        var summary = TextTable()
        func rate(_ count: Int) -> String { (Double(count) / median.seconds).fixed(1) }
        summary.add("tokens/s", rate(workload.tokens))
        if workload.tokens != workload.slots { summary.add("slots/s", rate(workload.slots)) }
        summary.add("GFLOP/s of matrix products", (operationsPerStep / median.seconds / 1e9).fixed(1))
        summary.add("peak memory, MiB", PeakMemory.mebibytes?.fixed(0) ?? "unknown")
        let blocks = [
            """
            \(workload.modelName), \((Double(parameterCount) / 1e6).fixed(1)) M parameters, \(workload.optimizer.rawValue), \
            batch of \(workload.batchSize) x \(workload.sequenceLength)\(tokens)\(recomputing)
            \(arithmetic)
            """,
            summary.text,
            phases(median),
            operations(median),
            "  median of \(measurements.count) steps, \(fastest.fixed(3)) to \(slowest.fixed(3)) s",
        ]
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func phases(_ step: StepMeasurement) -> String {
        var table = TextTable("phase", "seconds", "share")
        for phase in StepMeasurement.Phase.allCases {
            let seconds = step.phases[phase] ?? 0
            table.add(phase.rawValue, seconds.fixed(4), seconds.percent(of: step.seconds))
        }
        table.add("step", step.seconds.fixed(4), step.seconds.percent(of: step.seconds))
        return table.text
    }

    private func operations(_ step: StepMeasurement) -> String {
        guard !step.operations.isEmpty else { return "" }
        var table = TextTable("operation", "seconds", "share")
        for (name, seconds) in step.operations.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            table.add(name, seconds.fixed(4), seconds.percent(of: step.seconds))
        }
        return table.text
    }
}
