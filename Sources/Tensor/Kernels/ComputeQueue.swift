internal import CLinux
internal import Glibc
internal import Synchronization

/// The state that a `ComputePool` shares with its threads: one job at a time, claimed block by block.
///
/// POOL-1: a thread reads `job` only after it claimed a block of that job, and `run` returns only after every claimed
/// block is finished. So nobody reads `job` while it changes.
@safe final class ComputeQueue: @unchecked Sendable {
    @unsafe private struct Job {
        var body: UnsafePointer<(Int) -> Void>
        var blocks: Int
    }

    /// Written only by `run`; read under POOL-1.
    private var job: Job?
    /// The number of the job in the upper half, how many of its blocks nobody claimed yet in the lower half.
    private let ticket = Atomic<UInt64>(0)
    /// How many blocks of the current job are done.
    private let finished = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let callerSleeps = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let workArrived = Monitor()
    private let jobDone = Monitor()

    private static let unclaimedMask: UInt64 = 0xffff_ffff
    /// How long a thread polls before it sleeps.
    private static let spinNanoseconds = 50_000

    /// Runs one job. Only one thread may be in here at a time.
    func run(blocks: Int, _ body: @escaping (Int) -> Void) {
        precondition(blocks < Int(Self.unclaimedMask), "a job has fewer than 2^32 blocks, got \(blocks)")
        unsafe withUnsafePointer(to: body) { pointer in
            unsafe job = Job(body: pointer, blocks: blocks)
            finished.store(0, ordering: .relaxed)
            let number = (ticket.load(ordering: .relaxed) >> 32) &+ 1
            ticket.store(number << 32 | UInt64(blocks), ordering: .sequentiallyConsistent)
            if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
                workArrived.withLock { workArrived.wakeAll() }
            }
            drain()
            waitUntilFinished(blocks)
            unsafe job = nil
        }
    }

    /// What a pool thread does for life.
    func work() {
        while !stopping.load(ordering: .acquiring) {
            drain()
            if Self.spin(until: { hasWork }) { continue }
            workArrived.withLock {
                // Either we see the ticket or the publisher sees us: both sides store first and then load.
                sleepers.add(1, ordering: .sequentiallyConsistent)
                while !hasWork { workArrived.wait() }
                sleepers.subtract(1, ordering: .sequentiallyConsistent)
            }
        }
    }

    /// Lets every thread return from `work`. No job may be running.
    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        workArrived.withLock { workArrived.wakeAll() }
    }

    /// Whether there is a block to claim, or the pool stops.
    private var hasWork: Bool {
        ticket.load(ordering: .sequentiallyConsistent) & Self.unclaimedMask != 0
            || stopping.load(ordering: .sequentiallyConsistent)
    }

    /// Claims and runs blocks until none is left.
    private func drain() {
        while true {
            let current = ticket.load(ordering: .acquiring)
            let unclaimed = Int(current & Self.unclaimedMask)
            if unclaimed == 0 { return }
            let claim = ticket.weakCompareExchange(
                expected: current, desired: current - 1, ordering: .acquiringAndReleasing)
            guard claim.exchanged, let job = unsafe job else { continue }
            let blocks = unsafe job.blocks
            unsafe Self.call(job.body, block: blocks - unclaimed)
            if finished.add(1, ordering: .sequentiallyConsistent).newValue == blocks,
                callerSleeps.load(ordering: .sequentiallyConsistent)
            {
                jobDone.withLock { jobDone.wakeAll() }
            }
        }
    }

    private func waitUntilFinished(_ blocks: Int) {
        if Self.spin(until: { finished.load(ordering: .acquiring) == blocks }) { return }
        jobDone.withLock {
            callerSleeps.store(true, ordering: .sequentiallyConsistent)
            while finished.load(ordering: .sequentiallyConsistent) < blocks { jobDone.wait() }
            callerSleeps.store(false, ordering: .relaxed)
        }
    }

    /// Not inlined, so that the reference to the closure that the call holds is gone before the block counts as done.
    @inline(never) private static func call(_ body: UnsafePointer<(Int) -> Void>, block: Int) {
        unsafe body.pointee(block)
    }

    /// Polls for a while; returns whether the condition came true.
    private static func spin(until condition: () -> Bool) -> Bool {
        let start = nanoseconds()
        repeat {
            for _ in 0..<16 {
                if condition() { return true }
                troupe_cpu_pause()
            }
        } while nanoseconds() - start < spinNanoseconds
        return false
    }

    private static func nanoseconds() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
