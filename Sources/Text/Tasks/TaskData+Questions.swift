extension TaskData {
    /// The questions of one part of the data of a question-answering task.
    ///
    /// - Throws: `unreadable` if there is no such file; `malformedDataset` naming file, place and key, or file and
    ///   question where one lacks the answer that training or version 1.1 needs.
    package func questions(_ split: DataSplit) throws(TextError) -> TaskExamples<QuestionExample> {
        guard case .squad = task.layout else {
            throw TextError(.invalidParameter, "task \(task.name) is \(task.kind.rawValue), not question-answering")
        }
        let path = try file(split)
        let examples = try SquadFile.read(path)
        for example in examples { try check(example, split, path) }
        var report = ReadReport()
        report.paths = [path]
        report.examples = examples.count
        return TaskExamples(examples: examples, report: report)
    }

    private func check(_ example: QuestionExample, _ split: DataSplit, _ path: String) throws(TextError) {
        if !task.allowsNoAnswer && example.isImpossible {
            throw TextError(
                .malformedDataset,
                "\(path): question \(example.id) has no answer (is_impossible); task \(task.name) has answers to all, "
                    + "squad-v2 is the one without")
        }
        // The official scorer of version 2.0 takes a question without answers for unanswerable, training does not guess.
        let needsAnswer = task.allowsNoAnswer ? split == .train && !example.isImpossible : split != .test
        if needsAnswer && example.answers.isEmpty {
            throw TextError(
                .malformedDataset,
                "\(path): question \(example.id): expected an answer under 'answers'"
                    + (task.allowsNoAnswer ? ", or is_impossible to be true, got neither" : ", got none"))
        }
    }
}
