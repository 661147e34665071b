extension TaskData {
    /// Reads XNLI: training data of one language, machine-translated from MNLI, or that language's rows of the rest.
    func xnli(
        _ language: String, _ split: DataSplit, _ path: String
    ) throws(TextError) -> TaskExamples<ClassificationExample> {
        let (first, second, labelColumn) = split == .train ? (0, 1, 2) : (6, 7, 1)
        var result = TaskExamples<ClassificationExample>(examples: [], report: ReadReport())
        result.report.paths = [path]
        var index = -1
        try readTable(path, .tabs) { row throws(TextError) in
            index += 1
            if index == 0 { return }
            let label = try row.text(labelColumn)
            if split != .train, try row.text(0) != language {
                result.report.skip(.otherLanguage)
                return
            }
            result.examples.append(
                ClassificationExample(
                    id: "\(split.rawValue)-\(index)", text: try row.text(first), pair: try row.text(second),
                    label: try self.label(label == "contradictory" ? "contradiction" : label, place: row.place)))
        }
        result.report.examples = result.examples.count
        return result
    }
}
