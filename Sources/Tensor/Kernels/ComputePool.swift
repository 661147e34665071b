internal import CLinux
internal import Glibc

/// A fixed set of threads that runs numbered blocks of work.
///
/// The caller of `run` works too, so a pool of n threads owns n - 1. Which thread gets which block is decided at run
/// time: bodies must make the result of block b depend on b alone, and then bits do not depend on the number of threads.
/// Idle threads spin for at most about 50 microseconds and then sleep.
package final class ComputePool: Sendable {
    /// The number of threads that work on a job, the caller included.
    package let threads: Int

    private let queue = ComputeQueue()
    private let workers: [pthread_t]
    private let callerCPU: Int?
    /// Held for the whole of a job: jobs of several threads run one after the other.
    private let turn = Monitor()

    /// Starts `threads - 1` threads named `troupe-comp-N`.
    ///
    /// - Parameters:
    ///   - threads: how many threads share the work, the caller included; at least 1.
    ///   - firstCPU: binds thread N to CPU number `firstCPU` + N of those this process may use, counted from 0 and
    ///     around their end; nil leaves the threads to the system. Thread 0 is the caller of `run`: see `bindCaller`.
    package init(threads: Int, firstCPU: Int? = nil) {
        precondition(threads >= 1, "a compute pool needs at least one thread, got \(threads)")
        self.threads = threads
        let cpus = firstCPU == nil ? [] : Self.allowedCPUs()
        func cpu(_ thread: Int) -> Int? {
            firstCPU.flatMap { cpus.isEmpty ? nil : cpus[($0 + thread) % cpus.count] }
        }
        var workers: [pthread_t] = []
        for index in stride(from: 1, to: threads, by: 1) {
            workers.append(ComputeThread.start(index: index, cpu: cpu(index), queue))
        }
        callerCPU = cpu(0)
        self.workers = workers
    }

    /// Binds the calling thread, which is to call `run` from now on, to the CPU of thread 0, if threads are bound.
    package func bindCaller() {
        // A CPU that was taken from the process meanwhile costs speed only.
        if let callerCPU { _ = troupe_thread_set_affinity(Int32(callerCPU)) }
    }

    deinit {
        queue.stop()
        for worker in workers { pthread_join(worker, nil) }
    }

    /// Calls `body(block)` once for every block in `0 ..< blocks` and returns when all calls have.
    ///
    /// Blocking; callable from any thread. Concurrent calls take turns. A call from inside a body runs inline, on the
    /// calling thread, in ascending order. Everything the caller wrote before is visible to the bodies, and everything
    /// they wrote is visible after the return.
    package func run(blocks: Int, _ body: (Int) -> Void) {
        guard blocks > 1, threads > 1, !ComputeThread.isCurrent else {
            for block in 0..<max(blocks, 0) { body(block) }
            return
        }
        turn.withLock {
            ComputeThread.isCurrent = true
            withoutActuallyEscaping(body) { queue.run(blocks: blocks, $0) }
            ComputeThread.isCurrent = false
        }
    }

    private static func allowedCPUs() -> [Int] {
        var cpus = [Int32](repeating: 0, count: 1024)
        let capacity = Int32(cpus.count)
        let count = unsafe troupe_thread_get_affinity(&cpus, capacity)
        return cpus.prefix(Int(max(count, 0))).map(Int.init)
    }
}
