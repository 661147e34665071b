/// What a reader took from the files of a task, and what it left out.
package struct ReadReport: Sendable, Hashable {
    /// Why a row is no example although the file is sound.
    package enum Skip: String, Sendable, Hashable, CaseIterable {
        /// The row has fewer columns than the task needs, where the task's data is known to have such rows.
        case tooFewColumns = "too_few_columns"
        /// The annotators did not agree on a label (`-`).
        case noConsensus = "no_consensus"
        /// The row is in a language that is not read.
        case otherLanguage = "other_language"
        /// The question has not exactly four choices.
        case otherChoiceCount = "other_choice_count"
    }

    /// The files in the order in which they were read.
    package var paths: [String] = []
    /// Examples read.
    package var examples = 0
    /// Rows left out, by reason.
    package var skipped: [Skip: Int] = [:]

    /// A report of nothing yet.
    package init() {}

    mutating func skip(_ reason: Skip) { skipped[reason, default: 0] += 1 }

    /// One line: `train.tsv: 3668 examples, skipped 2 too_few_columns`.
    package var summary: String {
        let names = paths.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let place = names.count > 3 ? "\(names.count) files" : names.joined(separator: ", ")
        let left = Skip.allCases.compactMap { reason in skipped[reason].map { ", skipped \($0) \(reason.rawValue)" } }
        return "\(place): \(examples) examples" + left.joined()
    }
}

/// The examples of one part of a task's data, and how they were read.
package struct TaskExamples<Example: Sendable>: Sendable {
    /// The examples in the order of the files.
    package var examples: [Example]
    /// What was read and left out.
    package var report: ReadReport
}
