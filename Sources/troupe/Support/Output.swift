import Foundation
import Synchronization

/// Runs blocking work on a thread of its own, so that it never holds a thread of the cooperative pool.
func offPool<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Swift.Result(catching: body)) }
        // SentencePiece's training recurses deeply.
        thread.stackSize = 64 << 20
        thread.start()
    }
}

/// Prints a JSON object on one line, keys sorted.
func printJSON(_ object: [String: Any]) throws {
    let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    print(String(decoding: data, as: UTF8.self))
}

/// Prints a warning on standard error.
func warn(_ message: String) { FileHandle.standardError.write(Data("warning: \(message)\n".utf8)) }

/// One line on standard error that shows how far something is, rewritten in place on a terminal, silent elsewhere.
final class StatusLine: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let width = Mutex(0)

    /// Shows `phase` and, where known, how much of it is done.
    func show(_ phase: String, done: Int, total: Int?) {
        guard isTerminal else { return }
        let amount = total.map { $0 > 0 ? "\(100 * done / $0) %" : "" } ?? (done > 0 ? "\(done)" : "")
        write("\(phase) \(amount)")
    }

    /// Clears the line.
    func finish() {
        guard isTerminal else { return }
        write("")
        FileHandle.standardError.write(Data("\r".utf8))
    }

    private func write(_ text: String) {
        let padding = width.withLock { last in
            defer { last = text.count }
            return String(repeating: " ", count: max(0, last - text.count))
        }
        FileHandle.standardError.write(Data("\r\(text)\(padding)".utf8))
    }
}
