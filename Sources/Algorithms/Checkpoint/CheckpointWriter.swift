import Foundation

/// Saves checkpoints on a thread of its own, at most one at a time, while training goes on.
///
/// Called from one trainer thread. A failed save surfaces at the next call, once.
package final class CheckpointWriter: Sendable {
    private let work: CheckpointWork
    private let deadlineSeconds: Double

    /// - Parameters:
    ///   - deadlineSeconds: how long a call waits for the save in flight before it says that the disk stalls.
    ///   - onSaved: called on the writer's thread after each save.
    /// - Throws: what preparing the store throws.
    package init(
        store: any CheckpointStore, deadlineSeconds: Double = 600,
        onSaved: @escaping @Sendable (CheckpointReceipt) -> Void = { _ in }
    ) throws {
        try store.prepare()
        self.deadlineSeconds = deadlineSeconds
        work = CheckpointWork(store: store, onSaved: onSaved)
        let thread = Thread { [work] in work.run() }
        thread.name = "troupe-checkpoint"
        thread.start()
    }

    deinit { work.finish() }

    /// Hands a copy over for saving; waits first for the save in flight, if there is one.
    ///
    /// - Throws: the error of an earlier save, in which case `checkpoint` is not taken, or `checkpointStalled`.
    package func save(_ checkpoint: Checkpoint) throws {
        try waitUntilIdle()
        work.take(checkpoint)
    }

    /// Returns when everything handed over is on disk.
    ///
    /// - Throws: the error of an earlier save, or `checkpointStalled` naming the step after the deadline.
    package func waitUntilIdle() throws { try work.waitUntilIdle(seconds: deadlineSeconds) }
}

/// What the trainer's thread and the writer's thread share.
///
/// `condition` guards every `var`.
private final class CheckpointWork: @unchecked Sendable {
    private let condition = NSCondition()
    private let store: any CheckpointStore
    private let onSaved: @Sendable (CheckpointReceipt) -> Void
    /// Taken and not yet on disk.
    private var pending: Checkpoint?
    private var failure: (any Error)?
    private var finishing = false

    init(store: any CheckpointStore, onSaved: @escaping @Sendable (CheckpointReceipt) -> Void) {
        self.store = store
        self.onSaved = onSaved
    }

    /// The body of the writer's thread: saves until told to finish, the last one handed over included.
    func run() {
        while let checkpoint = next() {
            let outcome = Result { try store.save(checkpoint) }
            if case .success(let receipt) = outcome { onSaved(receipt) }
            condition.withLock {
                pending = nil
                if case .failure(let error) = outcome { failure = error }
                condition.broadcast()
            }
        }
    }

    private func next() -> Checkpoint? {
        condition.withLock {
            while pending == nil && !finishing { condition.wait() }
            return pending
        }
    }

    func take(_ checkpoint: Checkpoint) {
        condition.withLock {
            pending = checkpoint
            condition.broadcast()
        }
    }

    func finish() {
        condition.withLock {
            finishing = true
            condition.broadcast()
        }
    }

    func waitUntilIdle(seconds: Double) throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        try condition.withLock {
            while let step = pending?.state.step {
                guard condition.wait(until: deadline) else {
                    throw AlgorithmsError(
                        .checkpointStalled, subject: "step \(step)",
                        "the checkpoint is not on disk after \(seconds) seconds")
                }
            }
            guard let failure else { return }
            self.failure = nil
            throw failure
        }
    }
}
