import Foundation

/// The lines that a command reads.
enum TextLines {
    /// Calls `body` with each line that is not empty, and its number from 1, of a file or of standard input.
    static func forEach(input: String?, _ body: (_ line: String, _ number: Int) throws -> Void) throws {
        if let input {
            guard let content = try? String(contentsOfFile: input, encoding: .utf8) else {
                throw CommandError(.badData, "\(input): cannot read it as UTF-8 text")
            }
            // A carriage return and a line feed are one character.
            let lines = content.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            for (index, line) in lines.enumerated() where !line.isEmpty { try body(String(line), index + 1) }
            return
        }
        var number = 0
        while let line = readLine() {
            number += 1
            if !line.isEmpty { try body(line, number) }
        }
    }
}
