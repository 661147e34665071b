internal import Foundation

extension TaskData {
    /// An article of RACE with its questions.
    private struct Article: Decodable {
        let article: String
        let questions: [String]
        let options: [[String]]
        let answers: [String]
        let id: String
    }

    /// Reads RACE: of each level the file `all.txt`, an article per line, or else all files, an article in each.
    func race(_ folder: String) throws(TextError) -> TaskExamples<ChoiceExample> {
        var result = TaskExamples<ChoiceExample>(examples: [], report: ReadReport())
        for level in levels {
            let levelFolder = "\(folder)/\(level)"
            let together = "\(levelFolder)/all.txt"
            if FileManager.default.fileExists(atPath: together) {
                result.report.paths.append(together)
                try readLines(together) { number, line throws(TextError) in
                    if line.isEmpty { return }
                    let place = "\(together):\(number)"
                    result.examples += try questions(of: decodeLine(line, place: place), level, place: place)
                }
            } else {
                for path in try articles(in: levelFolder) {
                    result.report.paths.append(path)
                    let file = try MappedFile(path)
                    let bytes = unsafe file.withBytes { unsafe Array($0) }
                    result.examples += try questions(of: decodeLine(bytes, place: path), level, place: path)
                }
            }
        }
        return result
    }

    /// The files of a level, by number as far as their names are numbers.
    private func articles(in folder: String) throws(TextError) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw TextError(.unreadable, "cannot list \(folder): \(error.localizedDescription)")
        }
        return names.filter { $0.hasSuffix(".txt") }
            .map { (number: Int($0.dropLast(4)) ?? .max, name: $0) }
            .sorted { $0 < $1 }
            .map { "\(folder)/\($0.name)" }
    }

    private func questions(
        of article: Article, _ level: String, place: String
    ) throws(TextError) -> [ChoiceExample] {
        let count = article.questions.count
        guard article.options.count == count, article.answers.count == count else {
            throw TextError(
                .malformedDataset,
                "\(place): \(count) questions, but \(article.options.count) lists of options and "
                    + "\(article.answers.count) answers")
        }
        var examples: [ChoiceExample] = []
        for (index, question) in article.questions.enumerated() {
            let options = article.options[index]
            guard options.count == 4 else {
                throw TextError(
                    .malformedDataset, "\(place): question \(index + 1): expected 4 options, got \(options.count)")
            }
            examples.append(
                ChoiceExample(
                    id: "\(article.id)-\(index)", group: level,
                    choices: options.map { .init(text: article.article, pair: filled(question, with: $0)) },
                    label: try answer(
                        article.answers[index], place: "\(place): question \(index + 1)", among: ["A", "B", "C", "D"])))
        }
        return examples
    }
}
