import Coordinator
import Foundation
import TestSupport
import Testing

@Suite struct MetricsLogTests {
    private func content(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func linesHaveStepFirstAndKeysInAFixedOrder() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/metrics.jsonl"
            let log = try MetricsLog(path: path)
            try log.append(
                MetricRecord(step: 1, values: ["zeta": 2, "learning_rate": 0.00176, "alpha": 1e-9, "loss": 10.5]))
            let expected = #"{"step":1,"loss":10.5,"learning_rate":0.00176,"alpha":1e-09,"zeta":2.0}"# + "\n"
            #expect(try content(path) == expected)
        }
    }

    @Test func whatIsWrittenIsRead() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/metrics.jsonl"
            let records = (1...50).map { MetricRecord(step: $0, values: ["loss": 10 / Double($0), "seconds": 0.1]) }
            let log = try MetricsLog(path: path)
            for record in records { try log.append(record) }
            #expect(try MetricsLog.read(path: path) == records)
        }
    }

    @Test func numbersThatAreNotFiniteAreNull() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/metrics.jsonl"
            try MetricsLog(path: path).append(
                MetricRecord(step: 3, values: ["loss": .nan, "gradient_norm": .infinity]))
            #expect(try content(path) == #"{"step":3,"loss":null,"gradient_norm":null}"# + "\n")
            let values = try #require(try MetricsLog.read(path: path).first).values
            #expect(values["loss"]?.isNaN == true)
        }
    }

    @Test func resumingDropsLaterStepsAndATornLine() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/metrics.jsonl"
            let log = try MetricsLog(path: path)
            for step in 1...9 { try log.append(MetricRecord(step: step, values: ["loss": Double(step)])) }
            try (try content(path) + #"{"step":10,"lo"#).write(toFile: path, atomically: false, encoding: .utf8)

            let resumed = try MetricsLog(path: path, resumingAfter: 6)
            try resumed.append(MetricRecord(step: 7, values: ["loss": 70]))
            let records = try MetricsLog.read(path: path)
            #expect(records.map(\.step) == Array(1...7))
            #expect(records.last?.values == ["loss": 70])
        }
    }

    @Test func aCompleteLogIsKeptWhenNothingIsResumed() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/metrics.jsonl"
            try MetricsLog(path: path).append(MetricRecord(step: 1, values: [:]))
            _ = try MetricsLog(path: path)
            #expect(try MetricsLog.read(path: path).count == 1)
        }
    }

    @Test func zerosLeftByAMachineCrashAreRemoved() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/metrics.jsonl"
            try ("{\"step\":1}\n" + String(repeating: "\0", count: 40)).write(
                toFile: path, atomically: false, encoding: .utf8)
            try MetricsLog(path: path, resumingAfter: 1).append(MetricRecord(step: 2, values: [:]))
            #expect(try content(path) == "{\"step\":1}\n{\"step\":2}\n")
        }
    }

    @Test func anAlteredLineInTheMiddleIsNamed() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/metrics.jsonl"
            try "{\"step\":1}\nsurprise\n{\"step\":3}\n".write(toFile: path, atomically: false, encoding: .utf8)
            let error = #expect(throws: CoordinatorError.self) { try MetricsLog(path: path, resumingAfter: 3) }
            #expect(error?.code == .damaged)
            #expect(error?.message.hasPrefix("\(path):2: ") == true)
            #expect(throws: CoordinatorError.self) { try MetricsLog.read(path: path) }
        }
    }

    @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
        try withTemporaryDirectory { folder in
            let error = #expect(throws: CoordinatorError.self) { try MetricsLog(path: "\(folder)/none/metrics.jsonl") }
            #expect(error?.code == .storage)
            #expect(error?.message == "\(folder)/none/metrics.jsonl: cannot open: No such file or directory")
        }
    }
}
