package import Algorithms
package import ControlPlane
import Foundation

/// What remains of a run once it has ended: `result.json`, `eval_results.txt`, `report.html`, `summary.txt`, and the
/// last lines on the terminal.
package struct RunConclusion: Sendable {
    private let run: RunDescription
    private let directory: RunDirectory

    package init(_ run: RunDescription, directory: RunDirectory) {
        self.run = run
        self.directory = directory
    }

    /// Writes everything that the ending calls for and returns the lines to print and the exit code.
    ///
    /// - Throws: `CoordinatorError` with code `storage` or `damaged`.
    package func write(
        _ ending: RunEnding, members: [Member], wallSeconds: Double
    ) throws -> (lines: [String], exitCode: Int32) {
        let root = members.first { $0.rank == 0 }?.outcome
        switch ending {
        case .failed:
            try report(.failed, evaluation: [:], verdicts: [])
            return ([], failureCode(members))
        case .stopped:
            try report(.stopped, evaluation: [:], verdicts: [])
            let step = root.map { " after step \($0.step)" } ?? ""
            return (["stopped\(step); continue with --resume"], 75)
        case .completed:
            guard let root else { return (["error: rank 0 ended without an outcome"], 70) }
            return (try conclude(root, wallSeconds: wallSeconds), 0)
        }
    }

    /// The exit code of the first cause: a rank's own, unless it only echoes a lost process. Ranks that all ended well
    /// and still make a failed run hold different weights, which no input may cause.
    private func failureCode(_ members: [Member]) -> Int32 {
        if !members.isEmpty, members.allSatisfy({ $0.outcome.map { $0.status != .failed } ?? false }) { return 70 }
        let codes = members.compactMap(\.outcome).filter { $0.status == .failed }.map(\.exitCode)
        return Int32(clamping: codes.first { $0 != 69 } ?? 69)
    }

    private func conclude(_ root: RankOutcome, wallSeconds: Double) throws -> [String] {
        var evaluation = root.values
        let seconds = evaluation.removeValue(forKey: "training_seconds") ?? 0
        let tokens = evaluation.removeValue(forKey: "trained_tokens") ?? 0
        let parameters = Int(exactly: evaluation.removeValue(forKey: "parameters") ?? 0) ?? 0
        let result = RunResult(
            status: .finished, step: root.step, eval: evaluation, weightsSHA256: root.digests["weights_sha256"] ?? "",
            optimizerSHA256: root.digests["optimizer_sha256"] ?? "", wallSeconds: wallSeconds,
            tokensPerSecond: seconds > 0 ? tokens / seconds : 0, parameters: parameters, worldSize: run.worldSize)
        try result.write(to: directory.resultPath)
        let keys = evaluation.sorted { $0.key < $1.key }
        // Rank 0's numbers come from the network: a step that is no whole number is shown as it came.
        let block = keys.map { key, value in
            let whole = key == "global_step" ? Int(exactly: value) : nil
            return "\(key) = \(whole.map { String($0) } ?? String(Float(value)))"
        }
        try OutputFile.replace(
            "\(directory.path)/eval_results.txt", with: Array((block.joined(separator: "\n") + "\n").utf8))
        let verdicts = self.verdicts(evaluation)
        let lines =
            ["***** Eval results *****"] + block + [""]
            + verdicts.map { "\($0.holds ? "reached" : "not reached"): \($0.text)" }
            + ["model: \(directory.modelPath)   report: \(directory.reportPath)"]
        try OutputFile.replace(Self.summaryPath(directory), with: Array((lines.joined(separator: "\n") + "\n").utf8))
        try report(.finished, evaluation: evaluation, verdicts: verdicts, result: result)
        return lines
    }

    /// The lines a run ended with, if `directory` holds a finished run of as many steps as `configuration` asks for:
    /// then nothing is left to do.
    package static func finishedBefore(
        _ directory: RunDirectory, _ configuration: RunConfiguration
    ) throws -> [String]? {
        guard FileManager.default.fileExists(atPath: directory.resultPath) else { return nil }
        let result = try RunResult.read(path: directory.resultPath)
        guard result.status == .finished, result.step == configuration.training.steps else { return nil }
        let summary = String(decoding: try OutputFile.content(of: summaryPath(directory)), as: UTF8.self)
        return ["\(directory.path) holds this run, finished; nothing to do"]
            + summary.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    private static func summaryPath(_ directory: RunDirectory) -> String { "\(directory.path)/summary.txt" }

    /// What a pretraining run has to show: better than guessing by frequency, better than always the same label.
    private func verdicts(_ evaluation: [String: Double]) -> [RunReport.Verdict] {
        var verdicts: [RunReport.Verdict] = []
        if let loss = evaluation["masked_lm_loss"], let unigram = evaluation["unigram_cross_entropy"] {
            verdicts.append(
                .init(
                    String(
                        format: "held-out masked_lm_loss %.4f is below the unigram cross-entropy %.4f", loss, unigram),
                    holds: loss < unigram))
        }
        for task in ["sentence_order", "next_sentence"] {
            guard let accuracy = evaluation["\(task)_accuracy"], let majority = evaluation["\(task)_majority"] else {
                continue
            }
            verdicts.append(
                .init(
                    String(
                        format: "held-out %@_accuracy %.4f is above 0.55 and above always guessing the same (%.4f)",
                        task,
                        accuracy, majority),
                    holds: accuracy > 0.55 && accuracy > majority))
        }
        return verdicts
    }

    private func report(
        _ status: RunResult.Status, evaluation: [String: Double], verdicts: [RunReport.Verdict],
        result: RunResult? = nil
    ) throws {
        let events = try EventLog.read(path: directory.eventsPath)
        let metrics = try MetricsLog.read(path: directory.metricsPath)
        var highlights: [RunReport.Fact] = []
        if let result {
            highlights = [
                .init("steps", String(result.step)),
                .init("tokens/s", Quantity.short(result.tokensPerSecond)),
                .init("wall time", Quantity.duration(result.wallSeconds)),
                .init("workers", String(result.worldSize)),
            ]
        }
        let facts = events.last { $0.name == "training_started" }?.details.compactMap { member in
            member.value.text.map { RunReport.Fact(member.key.replacing("_", with: " "), $0) }
        }
        try RunReport(
            title: URL(filePath: directory.path).lastPathComponent, status: status, highlights: highlights,
            facts: facts ?? [], verdicts: verdicts, metrics: metrics, evaluations: LoggedEvent.evaluations(in: events),
            events: events, unigramCrossEntropy: evaluation["unigram_cross_entropy"]
        ).write(to: directory.reportPath)
    }
}
