package import Models
import Tensor
package import Text

/// What fine-tuning starts from: a model directory with its tokenizer, or nothing but a configuration.
package struct FineTuningSource: Sendable {
    /// The model directory.
    package let directory: String
    /// Its tokenizer.
    package let tokenizer: any Tokenizer
    /// What `config.json` in it says.
    let modelConfiguration: ModelConfiguration
    /// The section whose dropout rates stand in place of the model's.
    private let dropout: TaskSection

    /// Opens `model.directory`.
    ///
    /// - Throws: `ConfigurationError` if there is none, `ModelsError` or `TextError` for what is in it.
    package init(_ run: RunConfiguration) throws {
        guard let directory = run.model.directory else {
            throw ConfigurationError(
                .missingKey, key: "model.directory", message: "must be given: the model that fine-tuning starts from")
        }
        self.directory = directory
        dropout = run.task
        modelConfiguration = try ModelDirectory.configuration(in: directory)
        tokenizer = try loadTokenizer(directory: directory)
        guard tokenizer.vocabularySize <= modelConfiguration.encoder.vocabularySize else {
            throw ConfigurationError(
                .inconsistent, key: "model.directory",
                message: "\(directory): the tokenizer has \(tokenizer.vocabularySize) tokens, the model "
                    + "\(modelConfiguration.encoder.vocabularySize)")
        }
        guard run.task.maxSequenceLength <= modelConfiguration.maximumTokens else {
            throw ConfigurationError(
                .inconsistent, key: "task.max_sequence_length",
                message:
                    "\(run.task.maxSequenceLength) is more than the \(modelConfiguration.maximumTokens) positions of "
                    + "the model in \(directory)")
        }
    }

    /// How reports call the model: the last part of its path.
    var name: String { directory.split(separator: "/").last.map(String.init) ?? directory }

    /// The configuration of the model that is trained: that of the directory, with the task's labels.
    package func configuration(for task: any FineTuningTask) -> ModelConfiguration {
        var result = modelConfiguration.withDropout(
            hidden: dropout.hiddenDropoutProb, attention: dropout.attentionProbsDropoutProb,
            classifier: dropout.classifierDropoutProb)
        var settings = result.encoder.task
        settings.labels = task.labels.isEmpty ? settings.labels : task.labels
        settings.problemType = task.problemType
        result.encoder.task = settings
        return result
    }

    /// Reads the weights; a head that the files lack or have in another size keeps its values, and so does a pooler that
    /// they lack. The report names them.
    func loadWeights(into arena: ParameterArena, _ configuration: ModelConfiguration) throws -> LoadReport {
        try ModelDirectory.loadWeights(
            from: StateDictFiles.open(directory), into: arena, configuration, tolerating: .newHead)
    }

    /// What loading will find, without doing it.
    func report(for task: any FineTuningTask) throws -> LoadReport {
        try ModelDirectory.report(
            of: StateDictFiles.open(directory), configuration(for: task), head: task.head, tolerating: .newHead)
    }
}
