/// What is predicted for each example.
package enum TaskKind: String, Sendable, Hashable, CaseIterable {
    /// One class of several per text or pair.
    case classification
    /// Any number of classes per text or pair.
    case multiLabel = "multi-label"
    /// A number per text or pair.
    case regression
    /// A class per word.
    case tagging
    /// One of several answers.
    case multipleChoice = "multiple-choice"
    /// A span of a passage that answers a question, or that there is none.
    case questionAnswering = "question-answering"
}

/// A part of a task's data.
package enum DataSplit: String, Sendable, Hashable, CaseIterable {
    case train
    case development = "dev"
    case test
}

/// A named task: what it predicts, how its files are laid out, and by what it is measured.
package struct TaskDescription: Sendable, Hashable {
    /// Its name in run files: `mrpc`.
    package let name: String
    /// What is predicted.
    package let kind: TaskKind
    /// The classes in the order of their ids; empty where the data says which there are.
    package let labels: [String]
    /// The keys of its metrics, those of Hugging Face first, then those of ALBERT that differ.
    package let metrics: [String]
    /// The metric by which evaluations are compared, unless a run says otherwise; larger is better.
    package let bestMetric: String
    /// How its files are laid out.
    let layout: TaskLayout

    /// The tokens of an input that the original programs allow, unless a run says otherwise.
    package var defaultMaximumLength: Int {
        switch layout {
        case .race: 512
        case .swag: 80
        case .squad: 384
        case .glue, .xnli, .conll, .arc, .user: 128
        }
    }

    /// Whether a question may have no answer (SQuAD 2.0).
    package var allowsNoAnswer: Bool { layout == .squad(version: "2.0") }

    /// The names that `named` knows.
    package static var names: [String] { all.map(\.name) }

    /// The task of this name, in any case and with its other usual spellings; throws `invalidParameter`.
    package static func named(_ name: String) throws(TextError) -> TaskDescription {
        let key = name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
        if let language = language(ofXNLI: key) { return xnli(language: language) }
        let wanted = synonyms[key] ?? key
        if let task = all.first(where: { $0.name.filter { $0 != "-" } == wanted }) { return task }
        throw TextError(
            .invalidParameter,
            "no task is called '\(name)'; expected one of \(names.joined(separator: ", "))"
                + NearestKey.hint(for: name.lowercased(), among: names))
    }

    /// Other names of tasks, without hyphens.
    private static let synonyms = [
        "mismnli": "mnlimm", "mnlimismatched": "mnlimm", "mnlimatched": "mnli", "sts": "stsb", "sst": "sst2",
        "diagnostic": "ax", "ner": "conll2003", "conll": "conll2003", "tokenclassification": "tagging",
        "sequenceclassification": "classification", "multilabelclassification": "multilabel",
        "squadv1": "squad", "squad1.1": "squad", "squadv1.1": "squad", "squad2": "squadv2", "squad2.0": "squadv2",
        "squadv2.0": "squadv2",
    ]

    private static func language(ofXNLI key: String) -> String? {
        guard key.hasPrefix("xnli"), key.count == 6 else { return nil }
        return String(key.dropFirst(4))
    }

    private static let entailment = ["entailment", "not_entailment"]
    private static let threeWay = ["contradiction", "entailment", "neutral"]
    private static let accuracy = ["eval_acc", "eval_accuracy"]
    private static let accuracyAndF1 = ["eval_acc", "eval_f1", "eval_acc_and_f1", "eval_accuracy"]
    private static let binary = ["0", "1"]

    private static func glue(
        _ name: String, _ folder: String, _ labels: [String], _ metrics: [String], best: String = "eval_accuracy",
        kind: TaskKind = .classification, _ layout: GlueLayout
    ) -> TaskDescription {
        TaskDescription(
            name: name, kind: kind, labels: labels, metrics: metrics, bestMetric: best,
            layout: .glue(folder: folder, layout))
    }

    /// XNLI in one language, which names the training file and picks the rows of the others.
    private static func xnli(language: String) -> TaskDescription {
        TaskDescription(
            name: "xnli-\(language)", kind: .classification, labels: threeWay, metrics: accuracy,
            bestMetric: "eval_accuracy", layout: .xnli(language: language))
    }

    /// A task whose data is the user's own.
    private static func user(_ kind: TaskKind, _ metrics: [String], best: String) -> TaskDescription {
        TaskDescription(
            name: kind.rawValue, kind: kind, labels: [], metrics: metrics, bestMetric: best, layout: .user)
    }

    private static let all: [TaskDescription] = [
        glue(
            "cola", "CoLA", binary, ["eval_mcc", "matthew_corr", "eval_accuracy"], best: "eval_mcc",
            GlueLayout(texts: [3], label: .column(1), testTexts: [1], header: .inTestOnly)),
        glue(
            "sst-2", "SST-2", binary, accuracy,
            GlueLayout(texts: [0], label: .column(1), testTexts: [1], header: .unlessLabelled)),
        glue("mrpc", "MRPC", binary, accuracyAndF1, GlueLayout(texts: [3, 4], label: .column(0), testTexts: [3, 4])),
        glue(
            "sts-b", "STS-B", [], ["eval_pearson", "eval_spearmanr", "eval_corr", "pearson", "MSE"],
            best: "eval_pearson", kind: .regression, GlueLayout(texts: [7, 8], label: .last, testTexts: [7, 8])),
        glue(
            "qqp", "QQP", binary, accuracyAndF1,
            GlueLayout(texts: [3, 4], label: .column(5), testTexts: [1, 2], skipsShortRows: true)),
        glue(
            "mnli", "MNLI", threeWay, ["eval_mnli/acc", "eval_accuracy"],
            GlueLayout(texts: [8, 9], label: .last, testTexts: [8, 9], suffix: "_matched")),
        glue(
            "mnli-mm", "MNLI", threeWay, ["eval_mnli-mm/acc", "eval_accuracy"],
            GlueLayout(texts: [8, 9], label: .last, testTexts: [8, 9], suffix: "_mismatched")),
        glue("qnli", "QNLI", entailment, accuracy, GlueLayout(texts: [1, 2], label: .last, testTexts: [1, 2])),
        glue("rte", "RTE", entailment, accuracy, GlueLayout(texts: [1, 2], label: .last, testTexts: [1, 2])),
        glue("wnli", "WNLI", binary, accuracy, GlueLayout(texts: [1, 2], label: .last, testTexts: [1, 2])),
        glue(
            "ax", "AX", threeWay, ["eval_mcc", "eval_accuracy"], best: "eval_mcc",
            GlueLayout(texts: [1, 2], label: .none, testTexts: [1, 2], onlyFile: "diagnostic")),
        xnli(language: "en"),
        TaskDescription(
            name: "conll2003", kind: .tagging,
            labels: ["O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"],
            metrics: ["eval_precision", "eval_recall", "eval_f1", "eval_accuracy"], bestMetric: "eval_f1",
            layout: .conll),
        choice("race", .race, ["eval_accuracy", "eval_acc", "eval_accuracy_middle", "eval_accuracy_high"]),
        choice("swag", .swag, accuracy),
        choice("arc", .arc, accuracy),
        answering("squad", version: "1.1", ["exact_match", "f1"]),
        answering(
            "squad-v2", version: "2.0",
            ["exact", "f1", "total"]
                + ["HasAns", "NoAns"].flatMap { part in ["exact", "f1", "total"].map { "\(part)_\($0)" } }
                + ["best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh"]),
        user(
            .classification, ["eval_accuracy", "eval_f1", "eval_f1_micro", "eval_f1_macro", "eval_mcc"],
            best: "eval_accuracy"),
        user(.multiLabel, ["eval_f1_micro", "eval_f1_macro", "eval_exact_match"], best: "eval_f1_micro"),
        user(.regression, ["eval_pearson", "eval_spearmanr", "eval_corr", "eval_mse"], best: "eval_pearson"),
        TaskDescription(
            name: TaskKind.tagging.rawValue, kind: .tagging, labels: [],
            metrics: ["eval_precision", "eval_recall", "eval_f1", "eval_accuracy"], bestMetric: "eval_f1",
            layout: .conll),
    ]

    /// A version of SQuAD, with the keys of its official scorer.
    private static func answering(_ name: String, version: String, _ keys: [String]) -> TaskDescription {
        TaskDescription(
            name: name, kind: .questionAnswering, labels: [], metrics: keys.map { "eval_\($0)" }, bestMetric: "eval_f1",
            layout: .squad(version: version))
    }

    private static func choice(_ name: String, _ layout: TaskLayout, _ metrics: [String]) -> TaskDescription {
        TaskDescription(
            name: name, kind: .multipleChoice, labels: [], metrics: metrics, bestMetric: "eval_accuracy",
            layout: layout)
    }
}
