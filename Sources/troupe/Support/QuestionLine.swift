import Foundation
import Text

/// Questions on the command line: a JSON object per line with `question`, `context` and, if wanted, `id`.
enum QuestionLine {
    /// Reads a line; `number` counts from 1, appears in errors and is the id of a question without one.
    static func parse(_ line: String, number: Int) throws -> QuestionExample {
        func bad(_ message: String) -> CommandError { CommandError(.badData, "line \(number): \(message)") }
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            throw bad("expected a JSON object with question and context")
        }
        func text(_ key: String) throws -> String {
            guard let text = object[key] as? String else {
                throw bad("key '\(key)': expected a text, got \(object[key] == nil ? "nothing" : "something else")")
            }
            return text
        }
        let id = object["id"].map { $0 as? String ?? "\($0)" } ?? String(number)
        return QuestionExample(id: id, question: try text("question"), passage: try text("context"))
    }

    /// Calls `body` with the question of each line of a file, or of standard input.
    static func forEach(input: String?, _ body: (QuestionExample) throws -> Void) throws {
        try TextLines.forEach(input: input) { line, number in try body(parse(line, number: number)) }
    }
}
