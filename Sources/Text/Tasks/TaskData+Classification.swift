extension TaskData {
    /// The examples of one part of the data of a task of classes or scores.
    ///
    /// - Throws: `unreadable` if there is no such file, `malformedDataset` naming file and line of a damaged row,
    ///   `emptyCorpus` if there is no example.
    package func classification(_ split: DataSplit) throws(TextError) -> TaskExamples<ClassificationExample> {
        let path = try file(split)
        let result =
            switch task.layout {
            case .glue(_, let layout): try glue(layout, split, path)
            case .user: try userData(split, path)
            case .xnli(let language): try xnli(language, split, path)
            case .conll, .race, .swag, .arc, .squad:
                throw TextError(.invalidParameter, "task \(task.name) is \(task.kind.rawValue), not classification")
            }
        guard !result.examples.isEmpty else {
            throw TextError(.emptyCorpus, "\(path): no example is in it (\(result.report.summary))")
        }
        return result
    }
}
