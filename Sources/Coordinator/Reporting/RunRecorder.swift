package import FoundationEssentials

/// Everything a run writes about itself while it goes on, behind one door: `metrics.jsonl`, `events.jsonl` and the
/// TensorBoard files. May be used from any thread.
package final class RunRecorder: Sendable {
    private let metrics: MetricsLog
    private let events: EventLog
    private let tensorBoard: TensorBoardWriter

    /// Opens the logs of a run directory.
    ///
    /// - Parameter lastStep: the step a resumed run continues after; what was logged of later steps is dropped, because
    ///   they are made again. Events stay.
    /// - Throws: `CoordinatorError`: `damaged` or `storage`.
    package init(
        directory: RunDirectory, resumingAfter lastStep: Int? = nil, time: Date, hostName: String, processID: Int
    ) throws {
        metrics = try MetricsLog(path: directory.metricsPath, resumingAfter: lastStep)
        events = try EventLog(path: directory.eventsPath)
        tensorBoard = try TensorBoardWriter(
            directory: directory.tensorBoardPath, time: time, hostName: hostName, processID: processID,
            resumedAfter: lastStep)
    }

    /// Records the numbers of a training step. Throws `CoordinatorError` with code `storage`.
    package func step(_ record: MetricRecord, at time: Date) throws {
        try metrics.append(record)
        try tensorBoard.write(
            step: record.step, time: time,
            values: MetricsLog.sorted(record.values).map { ("train/\($0.key)", $0.value) })
    }

    /// Records held-out metrics measured after a step, as an event named `evaluation`. Throws `CoordinatorError` with
    /// code `storage`.
    package func evaluation(_ record: MetricRecord, at time: Date) throws {
        let numbers = MetricsLog.sorted(record.values)
        try events.append(
            LoggedEvent(
                time: time, name: LoggedEvent.evaluation, step: record.step,
                details: numbers.map { .init($0.key, .number($0.value)) }))
        try tensorBoard.write(
            step: record.step, time: time, values: numbers.map { ("heldout/\($0.key)", $0.value) })
    }

    /// Records an event. Throws `CoordinatorError` with code `storage`.
    package func event(_ event: LoggedEvent) throws {
        try events.append(event)
    }
}

extension LoggedEvent {
    /// The name of events that hold held-out metrics.
    package static let evaluation = "evaluation"

    /// The evaluations among events: by step, the last one of each step, since a resumed run may repeat some.
    package static func evaluations(in events: [LoggedEvent]) -> [MetricRecord] {
        var byStep: [Int: MetricRecord] = [:]
        for event in events where event.name == evaluation {
            guard let step = event.step else { continue }
            let values = event.details.map { ($0.key, $0.value.double ?? .nan) }
            byStep[step] = MetricRecord(step: step, values: Dictionary(values) { $1 })
        }
        return byStep.values.sorted { $0.step < $1.step }
    }
}
