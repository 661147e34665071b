import Algorithms
import Foundation
import Text

extension EvaluateCommand {
    /// Question answering: answers of the model, or of a file, under the official scores.
    func evaluateQuestions(_ description: TaskDescription) throws {
        let split = try taskSplit(split)
        var files = TaskData(description, path: taskOptions.data ?? "")
        files.singleFileSplit = split
        files.setFile(taskOptions.file, of: split)
        let examples = try files.questions(split).examples
        let score: SquadScore
        if let predictions {
            try checkOutput([AnswerFiles.scores])
            score = try scoreFile(examples, predictions, allowsNoAnswer: files.task.allowsNoAnswer)
        } else {
            try checkOutput(AnswerFiles.names)
            score = try scoreModel(examples, allowsNoAnswer: files.task.allowsNoAnswer)
        }
        // The scores come last, so that they stand for whole answers.
        if let outputDir { try AnswerFiles.writeScores(score.pairs, directory: outputDir) }
        try show(score.pairs)
    }

    private func scoreFile(
        _ examples: [QuestionExample], _ path: String, allowsNoAnswer: Bool
    ) throws -> SquadScore {
        let predictions = try AnswerFiles.readPredictions(path)
        if allowsNoAnswer {
            if let example = examples.first(where: { predictions[$0.id] == nil }) {
                throw CommandError(.badData, "\(path): no prediction for question \(example.id)")
            }
            return try SquadScore.version2(
                examples, predictions: predictions, nullOdds: try nullOdds.map(AnswerFiles.readNullOdds))
        }
        let score = try SquadScore.version1(examples, predictions: predictions)
        if score.unanswered > 0 {
            FileHandle.standardError.write(
                Data(
                    "\(path): \(score.unanswered) of \(examples.count) questions have no prediction and score 0\n".utf8)
            )
        }
        return score
    }

    private func scoreModel(_ examples: [QuestionExample], allowsNoAnswer: Bool) throws -> SquadScore {
        let model = try AnsweringModel(
            directory: model ?? "", questions, maximumLength: taskOptions.maxLength, allowsNoAnswer: allowsNoAnswer)
        let status = StatusLine()
        defer { status.finish() }
        let answers = try model.answers(examples) { status.show("windows", done: $0, total: $1) }.predictions
        if let outputDir {
            // Odds or scores of an older evaluation do not belong to these answers.
            for name in [AnswerFiles.nullOdds, AnswerFiles.scores] {
                try? FileManager.default.removeItem(atPath: "\(outputDir)/\(name)")
            }
            try AnswerFiles.write(
                answers, directory: outputDir,
                scoreNames: model.reading.scoresLogProbabilities ? .logProbabilities : .logits)
        }
        return try SquadScore.of(examples, answers, allowsNoAnswer: allowsNoAnswer)
    }
}
