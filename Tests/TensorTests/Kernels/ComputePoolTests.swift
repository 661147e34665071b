import CLinux
import Glibc
import Synchronization
import Tensor
import Testing

@Suite struct ComputePoolTests {
    /// Counts calls per block, without a lock: the pool itself must order the calls.
    @safe final class Tally: @unchecked Sendable {
        private let counts: UnsafeMutableBufferPointer<Int>

        init(_ blocks: Int) {
            unsafe counts = .allocate(capacity: blocks)
            unsafe counts.initialize(repeating: 0)
        }

        deinit { unsafe counts.deallocate() }

        func add(_ block: Int) { unsafe counts[block] += 1 }
        var all: [Int] { unsafe Array(counts) }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 3, 8], [0, 1, 2, 7, 64])
    func everyBlockRunsOnce(threads: Int, blocks: Int) {
        let pool = ComputePool(threads: threads)
        for _ in 0..<200 {
            let tally = Tally(blocks)
            pool.run(blocks: blocks) { tally.add($0) }
            #expect(tally.all == [Int](repeating: 1, count: blocks))
        }
    }

    @Test(.timeLimit(.minutes(1))) func resultsAreVisibleAfterRun() {
        let pool = ComputePool(threads: 3)
        let buffer = UnsafeMutableBufferPointer<Int>.allocate(capacity: 1000)
        defer { unsafe buffer.deallocate() }
        unsafe buffer.initialize(repeating: 0)
        for round in 1...500 {
            pool.run(blocks: 10) { block in
                for i in block * 100..<(block + 1) * 100 { unsafe buffer[i] += 1 }
            }
            #expect(unsafe buffer.allSatisfy { $0 == round })
        }
    }

    @Test(.timeLimit(.minutes(1))) func nestedRunsAreInline() {
        let pool = ComputePool(threads: 2)
        let tally = Tally(12)
        pool.run(blocks: 3) { outer in
            let thread = troupe_thread_id()
            pool.run(blocks: 4) { inner in
                #expect(troupe_thread_id() == thread)
                tally.add(outer * 4 + inner)
            }
        }
        #expect(tally.all == [Int](repeating: 1, count: 12))
    }

    @Test(.timeLimit(.minutes(1))) func callersTakeTurns() {
        let pool = ComputePool(threads: 2)
        let tally = Tally(5)
        var threads: [pthread_t] = []
        for _ in 0..<4 {
            let body = Thunk { for _ in 0..<300 { pool.run(blocks: 5) { tally.add($0) } } }
            var thread = pthread_t()
            let status = unsafe pthread_create(
                &thread, nil,
                { raw in
                    guard let raw = unsafe raw else { return nil }
                    unsafe Unmanaged<Thunk>.fromOpaque(raw).takeRetainedValue().body()
                    return nil
                }, Unmanaged.passRetained(body).toOpaque())
            #expect(status == 0)
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
        #expect(tally.all == [Int](repeating: 1200, count: 5))
    }

    @Test(.timeLimit(.minutes(1))) func threadsAreNamedAndPinned() {
        let pool = ComputePool(threads: 3, firstCPU: 0)
        let names = UnsafeMutableBufferPointer<String>.allocate(capacity: 3)
        unsafe names.initialize(repeating: "")
        let allowed = Tally(3)
        let arrived = Atomic(0)
        pool.run(blocks: 3) { block in
            // Holds every thread until all three are here, so that each takes one block.
            arrived.add(1, ordering: .sequentiallyConsistent)
            while arrived.load(ordering: .sequentiallyConsistent) < 3 { sched_yield() }
            var name = [CChar](repeating: 0, count: 16)
            _ = unsafe troupe_thread_get_name(&name, 16)
            var cpus = [Int32](repeating: 0, count: 1024)
            for _ in 0..<(unsafe troupe_thread_get_affinity(&cpus, 1024)) { allowed.add(block) }
            unsafe names[block] = String(
                decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        let cpusByName = unsafe Dictionary(uniqueKeysWithValues: zip(names, allowed.all))
        unsafe names.deinitialize()
        unsafe names.deallocate()
        #expect(cpusByName["troupe-comp-1"] == 1)
        #expect(cpusByName["troupe-comp-2"] == 1)
        #expect(cpusByName.count == 3)
    }

    final class Thunk {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
}
