import Algorithms
import Foundation
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct CheckpointWriterTests {
    /// A store whose saves wait for permission and may fail.
    private final class SlowStore: CheckpointStore {
        let inner = InMemoryCheckpointStore(keep: 5)
        let gate = DispatchSemaphore(value: 0)
        let fails = Mutex(false)

        func prepare() {}
        func save(_ checkpoint: Checkpoint) throws -> CheckpointReceipt {
            gate.wait()
            if fails.withLock({ $0 }) { throw AlgorithmsError(.storage, subject: "/disk/step", "cannot be written") }
            return inner.save(checkpoint)
        }
        func steps() -> [Int] { inner.steps() }
        func load(step: Int) throws -> Checkpoint { try inner.load(step: step) }
    }

    @Test func savingGoesOnBesideTraining() throws {
        let (fixture, store) = (CheckpointFixture(), SlowStore())
        let saved = Mutex<[Int]>([])
        let digest = weightsDigest(fixture.optimizer.arena)
        let writer = try CheckpointWriter(store: store) { receipt in saved.withLock { $0.append(receipt.step) } }
        try writer.save(fixture.checkpoint(step: 1))
        // The save has not happened yet; training changes the weights under it.
        #expect(store.steps().isEmpty)
        CheckpointFixture.train(fixture.optimizer)
        store.gate.signal()
        try writer.waitUntilIdle()
        #expect(saved.withLock { $0 } == [1])
        #expect(try store.load(step: 1).weights.digest == digest)
        #expect(weightsDigest(fixture.optimizer.arena) != digest)
    }

    @Test func atMostOneIsInFlight() throws {
        let (fixture, store) = (CheckpointFixture(), SlowStore())
        let writer = try CheckpointWriter(store: store)
        try writer.save(fixture.checkpoint(step: 1))
        store.gate.signal()
        try writer.save(fixture.checkpoint(step: 2))
        #expect(store.steps() == [1])
        store.gate.signal()
        try writer.waitUntilIdle()
        #expect(store.steps() == [1, 2])
    }

    @Test func aFailureSurfacesAtTheNextCallOnce() throws {
        let (fixture, store) = (CheckpointFixture(), SlowStore())
        let writer = try CheckpointWriter(store: store)
        store.fails.withLock { $0 = true }
        try writer.save(fixture.checkpoint(step: 1))
        store.gate.signal()
        #expect {
            try writer.save(fixture.checkpoint(step: 2))
        } throws: {
            "\($0)" == "/disk/step: cannot be written"
        }
        store.fails.withLock { $0 = false }
        try writer.save(fixture.checkpoint(step: 3))
        store.gate.signal()
        try writer.waitUntilIdle()
        #expect(store.steps() == [3])
    }

    @Test func aStalledDiskIsNamedAfterTheDeadline() throws {
        let (fixture, store) = (CheckpointFixture(), SlowStore())
        let writer = try CheckpointWriter(store: store, deadlineSeconds: 0.05)
        try writer.save(fixture.checkpoint(step: 12))
        #expect {
            try writer.waitUntilIdle()
        } throws: {
            ($0 as? AlgorithmsError)?.code == .checkpointStalled && "\($0)".hasPrefix("step 12:")
        }
        store.gate.signal()
    }

    @Test func tooLittleSpaceIsToldBeforeAnythingIsWritten() throws {
        let fixture = CheckpointFixture()
        let store = DirectoryCheckpointStore(directory: fixture.root, keep: 2) { _ in 1 << 20 }
        let writer = try CheckpointWriter(store: store)
        try writer.save(fixture.checkpoint(step: 1))
        #expect {
            try writer.waitUntilIdle()
        } throws: {
            let error = $0 as? AlgorithmsError
            return error?.code == .noSpace && error?.exitCode == 65
                && error?.subject == "\(fixture.root)/step-00000001" && "\($0)".contains("1048576 bytes are free")
        }
        #expect(try fixture.names().isEmpty)
    }

    @Test func aWriteThatFailsHalfwayLeavesTheOldCheckpointsAlone() async {
        // In a process of its own, where files may not grow beyond 8 KiB.
        await #expect(processExitsWith: .success) {
            let fixture = CheckpointFixture(width: 2000)
            let small = CheckpointFixture(width: 4)
            let store = fixture.store()
            try store.prepare()
            _ = try store.save(small.checkpoint(step: 1))
            var limit = rlimit(rlim_cur: 8192, rlim_max: 8192)
            signal(SIGXFSZ, SIG_IGN)
            let limited = unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            #expect(limited == 0)
            #expect {
                try store.save(fixture.checkpoint(step: 2))
            } throws: {
                "\($0)".contains("weights.safetensors") && "\($0)".contains("File too large")
            }
            #expect(try fixture.names() == ["step-00000001"])
            #expect(try store.latestValid().checkpoint?.state.step == 1)
        }
    }

    @Test func aPlaceThatCannotBeMadeIsNamed() {
        #expect {
            try CheckpointWriter(store: DirectoryCheckpointStore(directory: "/proc/none/here", keep: 1))
        } throws: {
            "\($0)".hasPrefix("/proc/none/here: cannot be made")
        }
    }
}
