import Algorithms
import Foundation
import Testing

/// Whatever happens to the newest checkpoint's files, it is noticed by name and the one before is offered.
@Suite struct CheckpointDamageTests {
    private static let files = ["weights.safetensors", "optimizer.safetensors", "state.json"]

    private static func makeStore(_ fixture: CheckpointFixture) throws -> DirectoryCheckpointStore {
        let store = fixture.store()
        try store.prepare()
        for step in [100, 200] {
            CheckpointFixture.train(fixture.optimizer)
            _ = try store.save(fixture.checkpoint(step: step))
        }
        return store
    }

    /// Offsets all over a file: its first and last bytes and an even spread between.
    private static func offsets(_ count: Int) -> [Int] {
        Array(
            Set([0, 1, 7, 8, 9, count / 2, count - 2, count - 1] + stride(from: 0, to: count, by: max(1, count / 40)))
        )
        .filter { (0..<count).contains($0) }.sorted()
    }

    private static func expectPrevious(
        _ store: DirectoryCheckpointStore, names file: String, _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let search = try store.latestValid()
        #expect(search.checkpoint?.state.step == 100, "\(what)", sourceLocation: sourceLocation)
        #expect(search.problems.map(\.step) == [200], "\(what)", sourceLocation: sourceLocation)
        #expect(
            search.problems.first?.message.contains(file) == true, "\(what): \(search.problems)",
            sourceLocation: sourceLocation)
    }

    @Test(arguments: files)
    func aFileCutAnywhereIsNoticed(file: String) throws {
        let fixture = CheckpointFixture()
        let store = try Self.makeStore(fixture)
        let url = URL(filePath: fixture.path(step: 200, file))
        let whole = try Data(contentsOf: url)
        for count in Self.offsets(whole.count) {
            try whole.prefix(count).write(to: url)
            try Self.expectPrevious(store, names: file, "\(file) cut to \(count) of \(whole.count) bytes")
        }
        try (whole + Data([0])).write(to: url)
        try Self.expectPrevious(store, names: file, "\(file) with a byte too many")
        try whole.write(to: url)
        #expect(try store.latestValid().checkpoint?.state.step == 200)
    }

    @Test(arguments: files)
    func aBitFlippedAnywhereIsNoticed(file: String) throws {
        let fixture = CheckpointFixture()
        let store = try Self.makeStore(fixture)
        let url = URL(filePath: fixture.path(step: 200, file))
        let whole = try Data(contentsOf: url)
        for (number, offset) in Self.offsets(whole.count).enumerated() {
            var altered = whole
            altered[offset] ^= 1 << UInt8(number % 8)
            try altered.write(to: url)
            try Self.expectPrevious(store, names: file, "\(file) with a flipped bit in byte \(offset)")
        }
    }

    @Test(arguments: files)
    func aMissingOrSwappedFileIsNoticed(file: String) throws {
        let fixture = CheckpointFixture()
        let store = try Self.makeStore(fixture)
        let path = fixture.path(step: 200, file)
        try FileManager.default.removeItem(atPath: path)
        try Self.expectPrevious(store, names: file, "\(file) is missing")
        try FileManager.default.copyItem(atPath: fixture.path(step: 100, file), toPath: path)
        let search = try store.latestValid()
        #expect(search.checkpoint?.state.step == 100, "\(file) of another step")
        #expect(search.problems.count == 1)
    }

    @Test func ifNothingIsWholeEveryProblemIsNamed() throws {
        let fixture = CheckpointFixture()
        let store = try Self.makeStore(fixture)
        for step in [100, 200] { try Data().write(to: URL(filePath: fixture.path(step: step, "weights.safetensors"))) }
        let search = try store.latestValid()
        #expect(search.checkpoint == nil)
        #expect(search.problems.map(\.step) == [200, 100])
        #expect(search.problems[1].description.contains("step-00000100/weights.safetensors: is torn"))
    }
}
