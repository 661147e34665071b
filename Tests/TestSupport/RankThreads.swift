import Synchronization
import Transport

/// Runs `body` once per rank, each on a thread of its own as trainers are, and returns what came of it, by rank.
/// Suspends meanwhile, so that tests beside it keep their threads.
package func onRankThreads<Value: Sendable>(
    _ worldSize: Int, _ body: @escaping @Sendable (_ rank: Int) throws -> Value
) async -> [Result<Value, any Error>] {
    await withCheckedContinuation { continuation in
        let outcomes = RankOutcomes<Value>(count: worldSize)
        for rank in 0..<worldSize {
            PlatformThread.start(named: "rank-\(rank)") {
                let outcome = Result { try body(rank) }
                if let all = outcomes.set(rank, outcome) { continuation.resume(returning: all) }
            }
        }
    }
}

private final class RankOutcomes<Value: Sendable>: Sendable {
    private let slots: Mutex<[Result<Value, any Error>?]>

    init(count: Int) { slots = Mutex(Array(repeating: nil, count: count)) }

    /// Files an outcome; returns all of them to the last one.
    func set(_ rank: Int, _ outcome: Result<Value, any Error>) -> [Result<Value, any Error>]? {
        slots.withLock { slots in
            slots[rank] = outcome
            let known = slots.compactMap { $0 }
            return known.count == slots.count ? known : nil
        }
    }
}
