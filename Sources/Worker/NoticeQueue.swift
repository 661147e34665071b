import Foundation

/// Carries the trainer thread's notices to the actor that passes them on, in order, and lets the trainer thread wait
/// until they have arrived.
///
/// `condition` guards every `var`.
final class NoticeQueue: @unchecked Sendable {
    /// The notices, for one consumer, which calls `told` after each.
    let notices: AsyncStream<TrainingLoop.Notice>
    private let sink: AsyncStream<TrainingLoop.Notice>.Continuation
    private let condition = NSCondition()
    private var sent = 0
    private var told = 0
    private var isAbandoned = false

    init() {
        (notices, sink) = AsyncStream.makeStream()
    }

    /// Adds a notice; does not block.
    func add(_ notice: TrainingLoop.Notice) {
        condition.withLock { sent += 1 }
        sink.yield(notice)
    }

    /// The consumer has passed one more notice on.
    func markTold() {
        condition.withLock {
            told += 1
            condition.broadcast()
        }
    }

    /// The consumer passes nothing more on; nobody waits for it.
    func abandon() {
        condition.withLock {
            isAbandoned = true
            condition.broadcast()
        }
    }

    /// Blocks until every notice so far has been passed on, the consumer is gone, or `seconds` have gone by: a
    /// coordinator that is gone shows in the heartbeats, not here.
    func waitUntilTold(seconds: Double) {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.withLock {
            let target = sent
            while told < target, !isAbandoned, condition.wait(until: deadline) {}
        }
    }

    /// No notice follows.
    func finish() { sink.finish() }
}
