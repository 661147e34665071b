internal import Foundation

extension TaskData {
    /// The questions of one part of the data of a multiple-choice task.
    ///
    /// - Throws: `unreadable` if there is no such file, `malformedDataset` naming file and line, `emptyCorpus` if there is
    ///   no question.
    package func choices(_ split: DataSplit) throws(TextError) -> TaskExamples<ChoiceExample> {
        let path = try file(split)
        var result =
            switch task.layout {
            case .race: try race(path)
            case .swag: try swag(path, split)
            case .arc: try arc(path, split)
            case .glue, .xnli, .conll, .squad, .user:
                throw TextError(.invalidParameter, "task \(task.name) is \(task.kind.rawValue), not multiple-choice")
            }
        result.report.examples = result.examples.count
        guard !result.examples.isEmpty else {
            throw TextError(.emptyCorpus, "\(path): no question is in it (\(result.report.summary))")
        }
        return result
    }

    // MARK: SWAG

    /// Reads SWAG: a context, the start of a sentence, and four ends of it.
    private func swag(_ path: String, _ split: DataSplit) throws(TextError) -> TaskExamples<ChoiceExample> {
        let (identifier, context, start, firstEnding, labelColumn) = (2, 4, 5, 7, 11)
        var result = TaskExamples<ChoiceExample>(examples: [], report: ReadReport())
        result.report.paths = [path]
        var isHeader = true
        try readTable(path, .commas) { row throws(TextError) in
            if isHeader {
                isHeader = false
                return
            }
            let first = try row.text(context)
            let second = try row.text(start)
            var choices: [ChoiceExample.Choice] = []
            for column in firstEnding..<firstEnding + 4 {
                choices.append(.init(text: first, pair: "\(second) \(try row.text(column))"))
            }
            var label: Int?
            if split != .test || row.fields.count > labelColumn {
                label = try answer(row.text(labelColumn), place: row.place, among: ["0", "1", "2", "3"])
            }
            result.examples.append(ChoiceExample(id: try row.text(identifier), choices: choices, label: label))
        }
        return result
    }

    // MARK: ARC

    /// A line of ARC with the passage that was retrieved for each choice.
    private struct ArcLine: Decodable {
        struct Choice: Decodable {
            let text: String
            let para: String
        }
        struct Question: Decodable {
            let stem: String
            let choices: [Choice]
        }
        let id: String
        let answerKey: String?
        let question: Question
    }

    private func arc(_ path: String, _ split: DataSplit) throws(TextError) -> TaskExamples<ChoiceExample> {
        var result = TaskExamples<ChoiceExample>(examples: [], report: ReadReport())
        result.report.paths = [path]
        try readLines(path) { number, line throws(TextError) in
            if line.isEmpty { return }
            let place = "\(path):\(number)"
            let item: ArcLine = try decodeLine(line, place: place)
            guard item.question.choices.count == 4 else {
                result.report.skip(.otherChoiceCount)
                return
            }
            var label: Int?
            if let key = item.answerKey, !(key.isEmpty && split == .test) {
                let keys = key.first?.isNumber == true ? ["1", "2", "3", "4"] : ["A", "B", "C", "D"]
                label = try answer(key, place: place, among: keys)
            } else if split != .test {
                throw TextError(.malformedDataset, "\(place): no key is called 'answerKey'")
            }
            result.examples.append(
                ChoiceExample(
                    id: item.id,
                    choices: item.question.choices.map { choice in
                        .init(
                            text: choice.para.replacing("_", with: ""),
                            pair: filled(item.question.stem, with: choice.text))
                    }, label: label))
        }
        return result
    }
}

/// A question with an answer in place of its blank, or behind it if there is none.
package func filled(_ question: String, with option: String) -> String {
    question.contains("_") ? question.replacing("_", with: option) : "\(question) \(option)"
}

/// The index of an answer among the keys that it may be.
func answer(_ key: String, place: String, among keys: [String]) throws(TextError) -> Int {
    guard let index = keys.firstIndex(of: key) else {
        throw TextError(
            .malformedDataset, "\(place): expected one of \(keys.joined(separator: ", ")) as answer, got '\(key)'")
    }
    return index
}

/// The value that a line of JSON spells.
func decodeLine<Value: Decodable>(_ line: some Sequence<UInt8>, place: String) throws(TextError) -> Value {
    do {
        return try JSONDecoder().decode(Value.self, from: Data(line))
    } catch let error as DecodingError {
        throw TextError(.malformedDataset, "\(place): \(JSONFile.explain(error))")
    } catch {
        throw TextError(.malformedDataset, "\(place): \(error.localizedDescription)")
    }
}
