import Coordinator
import Foundation
import TestSupport
import Testing

@Suite struct EventLogTests {
    private let time = Date(timeIntervalSince1970: 1_772_357_400.25)

    @Test func timesAreRFC3339InUTC() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/events.jsonl"
            try EventLog(path: path).append(
                LoggedEvent(
                    time: time, name: "worker_joined", rank: 1, processID: 4022,
                    details: [.init("host", .string("node\n\"a\""))]))
            let expected = """
                {"time":"2026-03-01T09:30:00.250Z","event":"worker_joined","rank":1,"process_id":4022,\
                "details":{"host":"node\\n\\"a\\""}}

                """
            #expect(try String(contentsOfFile: path, encoding: .utf8) == expected)
        }
    }

    @Test func whatIsWrittenIsReadAndHistoryIsKept() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/events.jsonl"
            let events = [
                LoggedEvent(time: time, name: "run_started"),
                LoggedEvent(
                    time: time, name: "checkpoint_written", rank: 0, step: 40,
                    details: [.init("bytes", .integer(12)), .init("path", .string("checkpoints/40"))]),
            ]
            for event in events { try EventLog(path: path).append(event) }
            #expect(try EventLog.read(path: path) == events)
        }
    }

    @Test func theLastEvaluationOfAStepCounts() throws {
        let events = [(20, 5.0), (10, 6.0), (20, 4.0)].map { step, loss in
            LoggedEvent(
                time: time, name: LoggedEvent.evaluation, step: step, details: [.init("masked_lm_loss", .number(loss))])
        }
        let evaluations = LoggedEvent.evaluations(
            in: events + [LoggedEvent(time: time, name: "run_finished", step: 20)])
        #expect(evaluations.map(\.step) == [10, 20])
        #expect(evaluations.last?.values == ["masked_lm_loss": 4])
    }
}
