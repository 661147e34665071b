extension TaskData {
    /// Reads a GLUE file.
    func glue(
        _ layout: GlueLayout, _ split: DataSplit, _ path: String
    ) throws(TextError) -> TaskExamples<ClassificationExample> {
        // Both parts of the published corpus of MRPC are labelled.
        let isCorpusPart = path.hasSuffix("msr_paraphrase_test.txt")
        let isTest = (split == .test && !isCorpusPart) || layout.label == .none
        var reading = GlueReading(data: self, layout: layout, split: split, isTest: isTest)
        reading.result.report.paths = [path]
        var index = 0
        try readTable(path, .tabs) { row throws(TextError) in
            if index == 0 { try reading.start(row) }
            if index > 0 || !reading.hasHeader { try reading.add(row, index) }
            index += 1
        }
        reading.result.report.examples = reading.result.examples.count
        return reading.result
    }
}

/// The reading of one GLUE file.
private struct GlueReading {
    let data: TaskData
    let layout: GlueLayout
    let split: DataSplit
    var isTest: Bool
    var hasHeader = true
    var result = TaskExamples<ClassificationExample>(examples: [], report: ReadReport())

    init(data: TaskData, layout: GlueLayout, split: DataSplit, isTest: Bool) {
        self.data = data
        self.layout = layout
        self.split = split
        self.isTest = isTest
    }

    /// Looks at the first row, which may be a header.
    mutating func start(_ row: TableRow) throws(TextError) {
        switch layout.header {
        case .always: break
        case .inTestOnly: hasHeader = isTest
        case .unlessLabelled:
            guard let column = layout.labelColumn(row.fields.count), row.fields.count > column else { return }
            let isLabelled = data.task.labels.contains(try row.text(column))
            hasHeader = !isLabelled
            if isLabelled { isTest = false }
        }
    }

    mutating func add(_ row: TableRow, _ index: Int) throws(TextError) {
        let columns = isTest ? layout.testTexts : layout.texts
        let labelColumn = isTest ? nil : layout.labelColumn(row.fields.count)
        let needed = layout.columnCount(isTest: isTest)
        guard row.fields.count >= needed else {
            if layout.skipsShortRows {
                result.report.skip(.tooFewColumns)
                return
            }
            throw TextError(
                .malformedDataset, "\(row.place): expected at least \(needed) columns, got \(row.fields.count)")
        }
        var label: ExampleLabel?
        if let labelColumn {
            let text = try row.text(labelColumn)
            if text == "-" {
                result.report.skip(.noConsensus)
                return
            }
            label = try data.label(text, place: row.place)
        }
        result.examples.append(
            ClassificationExample(
                id: isTest ? try row.text(0) : "\(split.rawValue)-\(index)",
                text: try row.text(columns[0]), pair: columns.count > 1 ? try row.text(columns[1]) : nil,
                label: label))
    }
}
