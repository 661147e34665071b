package import Text

/// What a model predicted for the evaluated examples of a task, beside what is right; the arrays of a case are of one length.
package enum TaskPredictions: Sendable, Hashable {
    /// One class each, of so many.
    case classes([Int], labels: [Int], count: Int)
    /// Any number of classes each, of so many.
    case classSets([Set<Int>], labels: [Set<Int>], count: Int)
    /// A number each.
    case scores([Double], labels: [Double])
    /// A tag per word of each sentence.
    case tags([[String]], labels: [[String]])
    /// The chosen answer of each question, and the part of the data that the question is from.
    case choices([Int], labels: [Int], groups: [String?])

    /// Every measure that is defined for these predictions, by its name without task and prefix.
    private var measures: [String: Double] {
        switch self {
        case .classes(let predictions, let labels, let count):
            let counts = ClassMetrics(predictions: predictions, labels: labels, classes: count)
            var measures = [
                "acc": counts.accuracy, "mcc": counts.matthews, "f1_micro": counts.microF1,
                "f1_macro": counts.macroF1(countsAbsent: false),
            ]
            if count == 2 {
                measures["f1"] = counts.f1(of: 1)
                measures["acc_and_f1"] = (counts.accuracy + counts.f1(of: 1)) / 2
            }
            return measures
        case .classSets(let predictions, let labels, let count):
            let counts = ClassMetrics(predictions: predictions, labels: labels, classes: count)
            return [
                "f1_micro": counts.microF1, "f1_macro": counts.macroF1(countsAbsent: true),
                "exact_match": exactMatch(predictions: predictions, labels: labels),
            ]
        case .scores(let predictions, let labels):
            // Scores that are all the same say nothing about the labels: 0, as Matthews' coefficient.
            let pearson = ScoreMetrics.pearson(predictions, labels) ?? 0
            let spearman = ScoreMetrics.spearman(predictions, labels) ?? 0
            return [
                "pearson": pearson, "spearmanr": spearman, "corr": (pearson + spearman) / 2,
                "mse": ScoreMetrics.meanSquaredError(predictions, labels),
            ]
        case .tags(let predictions, let labels):
            let counts = EntityMetrics(predictions: predictions, labels: labels)
            return ["precision": counts.precision, "recall": counts.recall, "f1": counts.f1, "acc": counts.accuracy]
        case .choices(let predictions, let labels, let groups):
            let hits = zip(predictions, labels).map { $0 == $1 }
            var measures = ["acc": ratio(Double(hits.count { $0 }), Double(hits.count))]
            for group in Set(groups.compactMap { $0 }) {
                let part = zip(hits, groups).filter { $1 == group }
                measures["acc_\(group)"] = ratio(Double(part.count { $0.0 }), Double(part.count))
            }
            return measures
        }
    }

    /// The metrics of `task` by their keys, Hugging Face's and ALBERT's, and the mean loss where it is given. Keys whose
    /// measure is not defined for these predictions (F1 of class 1 among more than two classes) are left out.
    package func metrics(of task: TaskDescription, loss: Double? = nil) -> [String: Double] {
        let measures = self.measures
        var metrics: [String: Double] = [:]
        for key in task.metrics { metrics[key] = measures[Self.measure(of: key)] }
        metrics["eval_loss"] = loss
        return metrics
    }

    /// The measure behind a key: both libraries have names of their own.
    private static func measure(of key: String) -> String {
        var name = key.split(separator: "/").last.map(String.init) ?? key
        if name.hasPrefix("eval_") { name.removeFirst("eval_".count) }
        if name.hasPrefix("accuracy") { return "acc" + name.dropFirst("accuracy".count) }
        return ["matthew_corr": "mcc", "MSE": "mse"][name] ?? name
    }
}
