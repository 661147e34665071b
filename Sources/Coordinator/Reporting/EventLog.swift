package import FoundationEssentials

/// Something that happened to the run, as opposed to a number that was measured: a worker joined or was lost, a
/// checkpoint was written, the run ended.
package struct LoggedEvent: Sendable, Equatable {
    /// When, by the coordinator's clock.
    package let time: Date
    /// What, in words joined by underscores: `worker_joined`, `checkpoint_written`, `run_finished`.
    package let name: String
    /// The rank concerned.
    package let rank: Int?
    /// The process concerned.
    package let processID: Int?
    /// The optimizer step at which it happened.
    package let step: Int?
    /// Whatever else helps to understand it.
    package let details: [JSONValue.Member]

    /// Makes an event; what does not apply stays out of the log.
    package init(
        time: Date, name: String, rank: Int? = nil, processID: Int? = nil, step: Int? = nil,
        details: [JSONValue.Member] = []
    ) {
        self.time = time
        self.name = name
        self.rank = rank
        self.processID = processID
        self.step = step
        self.details = details
    }
}

extension LoggedEvent: Decodable {
    private enum Key: String, CodingKey {
        case time
        case event
        case rank
        case processID = "process_id"
        case step
        case details
    }

    /// Reads one line of `events.jsonl`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        var details: [JSONValue.Member] = []
        if case .object(let members) = try container.decodeIfPresent(JSONValue.self, forKey: .details) {
            details = members
        }
        self.init(
            time: try Date(try container.decode(String.self, forKey: .time), strategy: Self.timeFormat),
            name: try container.decode(String.self, forKey: .event),
            rank: try container.decodeIfPresent(Int.self, forKey: .rank),
            processID: try container.decodeIfPresent(Int.self, forKey: .processID),
            step: try container.decodeIfPresent(Int.self, forKey: .step),
            details: details)
    }

    /// RFC 3339 in UTC with milliseconds: `2026-03-01T09:30:00.250Z`.
    static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// The members of the event's line.
    var members: [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init("time", .string(time.formatted(Self.timeFormat))), .init("event", .string(name)),
        ]
        if let rank { members.append(.init("rank", .integer(rank))) }
        if let processID { members.append(.init("process_id", .integer(processID))) }
        if let step { members.append(.init("step", .integer(step))) }
        if !details.isEmpty { members.append(.init("details", .object(details))) }
        return members
    }
}

/// `events.jsonl`: one event per line. A resumed run keeps all of them: they are its history. May be used from any thread.
package final class EventLog: Sendable {
    private let writer: JSONLinesWriter

    /// Opens or creates the log. Throws `CoordinatorError`: `damaged` or `storage`.
    package init(path: String) throws {
        writer = try JSONLinesWriter(path: path)
    }

    /// Appends one event. Throws `CoordinatorError` with code `storage`.
    package func append(_ event: LoggedEvent) throws {
        try writer.append(event.members)
    }

    /// Reads a log; a line torn by a crash is left out. Throws `CoordinatorError`: `damaged` or `storage`.
    package static func read(path: String) throws -> [LoggedEvent] {
        try JSONLines.read(LoggedEvent.self, from: path)
    }
}
