/// What a run trains: `pretraining` on prepared records, or `finetuning` on a task.
package enum ProgramName: String, Sendable, CaseIterable, ConfigurationChoice { case pretraining, finetuning }

/// The task of a fine-tuning run: its data, how texts become features, and which evaluation is the best one.
package struct TaskSection: ConfigurationSection {
    /// A named task (`mrpc`, `sst-2`, `squad`, ...), or a kind of task over user data (`classification`, ...).
    package var name = ""
    /// The folder or file of the task's data.
    package var data = ""
    /// The training file, where it is not the task's own.
    package var trainFile: String?
    /// The file that is evaluated, where it is not the task's own.
    package var developmentFile: String?
    /// Share of the training file that is evaluated instead, where there is no development file.
    package var developmentShare = 0.0
    /// Column or JSON key of the text, of user data.
    package var textColumn: String?
    /// Column or JSON key of the second text.
    package var pairColumn: String?
    /// Column or JSON key of the label.
    package var labelColumn: String?
    /// Tokens of an input, special ones included; longer inputs are cut.
    package var maxSequenceLength = 128
    /// Where inputs of fewer tokens are filled up to `maxSequenceLength` with padding that the model attends to, as
    /// programs do that pass no attention mask.
    package var attendsPadding = false
    /// What classifies a text.
    package var head = Head.pooled
    /// Tokens of question and answer together, of RACE; the last ones are kept.
    package var maxQALength = 128
    /// The levels of RACE that are read, `middle` and `high`.
    package var levels = ["middle", "high"]
    /// Dropout while fine-tuning in place of the model's own: all but the next two; null leaves it.
    package var hiddenDropoutProb: Double?
    /// Dropout on attention probabilities.
    package var attentionProbsDropoutProb: Double?
    /// Dropout before the head.
    package var classifierDropoutProb: Double?
    /// Question answering: tokens from the start of one window over a passage to the start of the next.
    package var documentStride = 128
    /// Question answering: tokens of the question; the rest is cut off.
    package var maxQueryLength = 64
    /// Question answering: tokens of an answer at most.
    package var maxAnswerLength = 30
    /// Question answering: starts and ends that are combined, and candidates that are kept per question.
    package var candidateCount = 20
    /// Question answering where there may be no answer: by how much the score of none must beat the best answer's.
    package var nullThreshold = 0.0
    /// How classes weigh in the loss.
    package var classWeights = ClassWeights.none
    /// The metric by which evaluations are compared; the task's own if null.
    package var bestMetric: String?
    /// Evaluations without a better one after which the run ends; 0 never ends it.
    package var earlyStoppingPatience = 0

    /// `pooled`: the family's own classifier, on the pooled first token; `first_token`: one linear map of the last hidden
    /// state of the first token.
    package enum Head: String, Sendable, CaseIterable, ConfigurationChoice {
        case pooled
        case firstToken = "first_token"
    }

    /// `balanced`: by the inverse of how often a class occurs, as scikit-learn does.
    package enum ClassWeights: String, Sendable, CaseIterable, ConfigurationChoice { case none, balanced }

    /// The defaults above.
    package init() {}

    static let fields: [ConfigurationField<TaskSection>] = [
        .value("name", \.name, .nonEmpty),
        .value("data", \.data, .nonEmpty, determinesTraining: false),
        .value("train_file", \.trainFile, determinesTraining: false),
        .value("development_file", \.developmentFile, determinesTraining: false),
        .value("development_share", \.developmentShare, .below(1, from: 0)),
        .value("text_column", \.textColumn),
        .value("pair_column", \.pairColumn),
        .value("label_column", \.labelColumn),
        .value("max_sequence_length", \.maxSequenceLength, .within(8...65_536)),
        .value("attend_padding", \.attendsPadding),
        .value("head", \.head),
        .value("max_qa_length", \.maxQALength, .within(1...65_536)),
        .value("levels", \.levels),
        .value("hidden_dropout_prob", \.hiddenDropoutProb, .orNull(.below(1, from: 0))),
        .value("attention_probs_dropout_prob", \.attentionProbsDropoutProb, .orNull(.below(1, from: 0))),
        .value("classifier_dropout_prob", \.classifierDropoutProb, .orNull(.below(1, from: 0))),
        .value("document_stride", \.documentStride, .within(1...65_536)),
        .value("max_query_length", \.maxQueryLength, .within(1...65_536)),
        .value("max_answer_length", \.maxAnswerLength, .within(1...65_536)),
        .value("n_best", \.candidateCount, .within(1...1000)),
        .value("null_threshold", \.nullThreshold, .within(-1e6...1e6)),
        .value("class_weights", \.classWeights),
        .value("best_metric", \.bestMetric),
        .value("early_stopping_patience", \.earlyStoppingPatience, .atLeast(0)),
    ]

    func checkRelations(path: String) throws(ConfigurationError) {
        let known = ["middle", "high"]
        guard levels.isEmpty || !levels.allSatisfy(known.contains) || Set(levels).count < levels.count else { return }
        throw ConfigurationError(
            .outOfRange, key: "\(path).levels",
            message: "expected one or both of \(known.joined(separator: ", ")), got [\(levels.joined(separator: ", "))]"
        )
    }

    func missingKeys(written: Set<String>) -> [String] { ["name", "data"].filter { !written.contains($0) } }
}
