internal import Foundation

extension TaskData {
    /// Reads a user's own file by its extension: `jsonl`, `tsv` or `csv`.
    func userData(
        _ split: DataSplit, _ path: String
    ) throws(TextError) -> TaskExamples<ClassificationExample> {
        var result = TaskExamples<ClassificationExample>(examples: [], report: ReadReport())
        result.report.paths = [path]
        switch path.split(separator: ".").last?.lowercased() {
        case "jsonl", "ndjson", "json":
            try readLines(path) { number, line throws(TextError) in
                if line.isEmpty { return }
                let place = "\(path):\(number)"
                let object = try JSONRow(line, place: place)
                let text = try nonempty(object.text(columns.text), columns.text, "key", place)
                var pair: String?
                if let column = columns.pair { pair = try nonempty(object.text(column), column, "key", place) }
                result.examples.append(
                    ClassificationExample(
                        id: "\(split.rawValue)-\(number)", text: text, pair: pair,
                        label: try label(object, isOptional: split == .test)))
            }
        case "tsv", "txt": try table(path, .tabs, split, &result)
        case "csv": try table(path, .commas, split, &result)
        default:
            throw TextError(.invalidParameter, "\(path): expected a file named .jsonl, .tsv or .csv")
        }
        result.report.examples = result.examples.count
        return result
    }

    /// A text with something in it. In a user's own data an empty one is a mistake of theirs; the benchmarks' files, some of
    /// which have empty texts (questions of QQP), are read as the original programs read them: the model then sees the
    /// special tokens alone.
    private func nonempty(
        _ text: String, _ name: String, _ what: String, _ place: String
    ) throws(TextError) -> String {
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw TextError(.malformedDataset, "\(place): \(what) '\(name)' has no text")
        }
        return text
    }

    // MARK: Tables

    /// Reads a table whose first row names its columns.
    private func table(
        _ path: String, _ format: TableFormat, _ split: DataSplit,
        _ result: inout TaskExamples<ClassificationExample>
    ) throws(TextError) {
        let format = try format.forHeader(of: path)
        var header: UserHeader?
        try readTable(path, format) { row throws(TextError) in
            guard let header else {
                header = try UserHeader(row, columns, isTest: split == .test)
                return
            }
            guard row.fields.count == header.count else {
                throw TextError(
                    .malformedDataset,
                    "\(row.place): expected \(header.count) columns as in the header, got \(row.fields.count)")
            }
            var label: ExampleLabel?
            if let column = header.label {
                let text = try row.text(column)
                if !(text.isEmpty && split == .test) {
                    guard !text.isEmpty || task.kind == .multiLabel else {
                        throw TextError(.malformedDataset, "\(row.place): column '\(columns.label)' is empty")
                    }
                    label = try self.label(text, place: row.place)
                }
            }
            let text = try nonempty(row.text(header.text), columns.text, "column", row.place)
            let pair = try header.pair.map { column throws(TextError) in
                try nonempty(row.text(column), columns.pair ?? "", "column", row.place)
            }
            result.examples.append(
                ClassificationExample(
                    id: "\(split.rawValue)-\(result.examples.count + 1)", text: text, pair: pair, label: label))
        }
    }

    // MARK: JSON

    private func label(_ object: JSONRow, isOptional: Bool) throws(TextError) -> ExampleLabel? {
        guard let cell = object[columns.label] else {
            if isOptional { return nil }
            throw object.missing(columns.label)
        }
        if cell == .null {
            if isOptional { return nil }
            throw TextError(.malformedDataset, "\(object.place): key '\(columns.label)' is null, expected a label")
        }
        switch (task.kind, cell) {
        case (.regression, .number(let value)): return .score(value)
        case (.multiLabel, .list(let cells)):
            return .categories(
                try cells.map { cell throws(TextError) in
                    let name = try object.word(cell, columns.label)
                    try check(name, place: object.place)
                    return name
                })
        case (.multiLabel, _), (.regression, _):
            throw TextError(
                .malformedDataset,
                "\(object.place): key '\(columns.label)': expected "
                    + "\(task.kind == .regression ? "a number" : "a list of labels"), got \(cell.kind)")
        default: return try label(object.word(cell, columns.label), place: object.place)
        }
    }
}

extension TableFormat {
    /// This format, or blanks if it is TABs but the header of the file has none: some corpora call such files `.tsv`, with
    /// the text in the last column.
    fileprivate func forHeader(of path: String) throws(TextError) -> TableFormat {
        guard self == .tabs else { return self }
        var reader = try LineReader(path, limit: 1 << 16)
        guard let line = try reader.next(), !line.contains(UInt8(ascii: "\t")) else { return self }
        let columns = line.split(separator: UInt8(ascii: " ")).count
        return columns > 1 ? .blanks(columns: columns) : self
    }
}

/// Where the columns are in a user's table.
private struct UserHeader {
    let count: Int
    let text: Int
    let pair: Int?
    let label: Int?

    init(_ row: TableRow, _ columns: TaskColumns, isTest: Bool) throws(TextError) {
        var names: [String] = []
        for column in row.fields.indices { names.append(try row.text(column)) }
        let known = names
        func index(of name: String) throws(TextError) -> Int {
            let places = known.indices.filter { known[$0] == name }
            guard places.count <= 1 else {
                throw TextError(.malformedDataset, "\(row.place): column '\(name)' comes \(places.count) times")
            }
            if let place = places.first { return place }
            throw TextError(
                .malformedDataset,
                "\(row.place): no column is called '\(name)'; the columns are \(known.joined(separator: ", "))"
                    + NearestKey.hint(for: name, among: known))
        }
        count = known.count
        text = try index(of: columns.text)
        pair = try columns.pair.map { name throws(TextError) in try index(of: name) }
        label = isTest && !known.contains(columns.label) ? nil : try index(of: columns.label)
    }
}
