package import Text

extension TaskReading {
    /// Questions about passages.
    func questionTask() throws -> any FineTuningTask {
        var (training, development, _, summary) = try split(
            { try $0.questions($1) }, labels: { _ in [] },
            // Questions over one passage stay together, else the evaluation would be over passages seen in training.
            hold: {
                let (train, test) = try QuestionExample.split($0, trainShare: 1 - $1, seed: run.seed)
                return (train, test)
            })
        let reading = QuestionReading(tokenizer, run.task, description)
        let trainingFeatures = try reading.features(training, for: .training)
        let developmentFeatures = try reading.features(development, for: .prediction)
        guard !trainingFeatures.windows.isEmpty else {
            throw ConfigurationError(
                .inconsistent, key: "task.data",
                message:
                    "\(run.task.data): none of the \(training.count) questions has an answer that its passage holds")
        }
        summary["training_windows"] = String(trainingFeatures.windows.count)
        summary["development_windows"] = String(developmentFeatures.windows.count)
        summary["dropped_questions"] = String(trainingFeatures.dropped.count)
        return QuestionTask(
            description, reading, training: trainingFeatures.windows, development: development, developmentFeatures,
            summary: summary)
    }
}

extension QuestionReading {
    /// As a run file says.
    package init(_ tokenizer: any Tokenizer, _ section: TaskSection, _ task: TaskDescription) {
        self.init(tokenizer)
        windowing.maximumLength = section.maxSequenceLength
        windowing.stride = section.documentStride
        windowing.questionLimit = section.maxQueryLength
        settings.maximumTokens = section.maxAnswerLength
        settings.candidates = section.candidateCount
        settings.nullThreshold = section.nullThreshold
        settings.allowsNoAnswer = task.allowsNoAnswer
    }
}
