import FoundationEssentials
import Synchronization

/// Appends JSON objects to a file, one per line; each line is handed to the system before `append` returns.
///
/// A process that is killed leaves at most one torn line at the end, which the next opening removes. May be used from
/// any thread.
package final class JSONLinesWriter: Sendable {
    private let file: Mutex<OutputFile>

    /// Opens or creates the file and removes a torn last line.
    ///
    /// - Parameter lastStep: when given, the first line whose `step` is greater, and all after it, are removed too: a
    ///   resumed run writes them again.
    /// - Throws: `CoordinatorError`: `damaged` if a line before the last is not a JSON object, `storage`.
    package init(path: String, keepingThrough lastStep: Int? = nil) throws {
        let file = try OutputFile(appendingTo: path)
        let content = try OutputFile.content(of: path)
        let kept = try JSONLines.keptLength(of: content, path: path, lastStep: lastStep)
        if kept < content.count { try file.truncate(to: kept) }
        self.file = Mutex(file)
    }

    /// Appends one object. Throws `CoordinatorError` with code `storage`.
    package func append(_ members: [JSONValue.Member]) throws {
        let bytes = Array((JSONValue.object(members).line + "\n").utf8)
        try file.withLock { try $0.write(bytes) }
    }
}

/// Reading files of one JSON object per line.
enum JSONLines {
    /// Calls `body` with each complete line, its number from 1 and the offset at which it begins.
    static func forEachLine(in content: [UInt8], _ body: (Data, Int, Int) throws -> Bool) rethrows {
        var start = 0
        var number = 1
        while let end = content[start...].firstIndex(of: UInt8(ascii: "\n")) {
            guard try body(Data(content[start..<end]), number, start) else { return }
            start = end + 1
            number += 1
        }
    }

    /// Decodes every complete line; a torn last line is left out.
    static func read<Line: Decodable>(_ type: Line.Type, from path: String) throws -> [Line] {
        let content = try OutputFile.content(of: path)
        let decoder = JSONDecoder()
        var lines: [Line] = []
        try forEachLine(in: content) { data, number, start in
            do {
                lines.append(try decoder.decode(type, from: data))
            } catch {
                guard start + data.count + 1 == content.count else { throw damaged(path, number) }
            }
            return true
        }
        return lines
    }

    /// The length of the part worth keeping: complete lines up to `lastStep`.
    static func keptLength(of content: [UInt8], path: String, lastStep: Int?) throws -> Int {
        struct Position: Decodable {
            let step: Int?
        }
        let decoder = JSONDecoder()
        var kept = 0
        try forEachLine(in: content) { data, number, start in
            let next = start + data.count + 1
            guard let position = try? decoder.decode(Position.self, from: data) else {
                // A crash of the machine, not only of the process, can leave zeros where the last line should be.
                guard next == content.count else { throw damaged(path, number) }
                return false
            }
            if let lastStep, let step = position.step, step > lastStep { return false }
            kept = next
            return true
        }
        return kept
    }

    private static func damaged(_ path: String, _ line: Int) -> CoordinatorError {
        CoordinatorError(.damaged, "\(path):\(line): not a JSON object; the file was altered")
    }
}
