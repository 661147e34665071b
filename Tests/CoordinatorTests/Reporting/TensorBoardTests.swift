import Coordinator
import Foundation
import TestSupport
import Testing

@Suite struct TensorBoardTests {
    private let start = Date(timeIntervalSince1970: 1_772_357_400.5)

    /// Written by scripts/goldens/tensorboard_events.py with TensorBoard's own classes (tensorboard 2.21.0): the file's
    /// version, a restart at step 41, two scalars of step 41, one of step 125,000.
    private let golden = """
        1800000000000000a37f4b2209000020c60169da411a0d627261696e2e4576656e743a32adb5f0e40f00000000000000
        6d532b0909000020c60169da4110293a02080112dc73c83c00000000000000c8b7a35209000050c60169da4110292a2f
        0a110a0a747261696e2f6c6f7373150000ba400a1a0a13747261696e2f6c6561726e696e675f726174651500000000eb
        8ec8732e00000000000000c5cb57fa09000080c60169da4110c8d0072a1f0a1d0a1668656c646f75742f6d61736b6564
        5f6c6d5f6c6f737315000080bfae212d5e
        """

    private func hex(_ data: Data) -> String {
        data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func onlyFile(in folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 1)
        return try #require(names.first)
    }

    @Test func bytesEqualThoseOfTensorBoardItself() throws {
        try withTemporaryDirectory { folder in
            let writer = try TensorBoardWriter(
                directory: folder, time: start, hostName: "node", processID: 42, resumedAfter: 40)
            try writer.write(
                step: 41, time: Date(timeIntervalSince1970: 1_772_357_401.25),
                values: [("train/loss", 5.8125), ("train/learning_rate", 0)])
            try writer.write(
                step: 125_000, time: Date(timeIntervalSince1970: 1_772_357_402),
                values: [("heldout/masked_lm_loss", -1)])
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(try onlyFile(in: folder))"))
            #expect(hex(data) == golden.replacingOccurrences(of: "\n", with: ""))
        }
    }

    @Test func filesAreNamedAsTensorBoardExpects() throws {
        try withTemporaryDirectory { folder in
            _ = try TensorBoardWriter(directory: folder, time: start, hostName: "node/a", processID: 42)
            #expect(try onlyFile(in: folder) == "events.out.tfevents.1772357400.node_a.42.0")
        }
    }

    @Test func aRecorderFillsAllLogs() throws {
        try withTemporaryDirectory { folder in
            let directory = try RunDirectory.open("\(folder)/run", configuration: "seed: 1\n", resuming: false) { $0 }
            let recorder = try RunRecorder(directory: directory, time: start, hostName: "node", processID: 42)
            try recorder.step(MetricRecord(step: 1, values: ["loss": 7.5]), at: start)
            try recorder.evaluation(MetricRecord(step: 1, values: ["masked_lm_loss": 6.5]), at: start)
            try recorder.event(LoggedEvent(time: start, name: "run_finished", step: 1))
            #expect(try MetricsLog.read(path: directory.metricsPath) == [MetricRecord(step: 1, values: ["loss": 7.5])])
            let events = try EventLog.read(path: directory.eventsPath)
            #expect(events.map(\.name) == ["evaluation", "run_finished"])
            #expect(LoggedEvent.evaluations(in: events) == [MetricRecord(step: 1, values: ["masked_lm_loss": 6.5])])
            let file = "\(directory.tensorBoardPath)/\(try onlyFile(in: directory.tensorBoardPath))"
            let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
            #expect(text.contains("train/loss") && text.contains("heldout/masked_lm_loss"))
        }
    }
}
