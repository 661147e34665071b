import Synchronization

/// A checkpoint that cannot be used, and why.
package struct CheckpointProblem: Sendable, Equatable, CustomStringConvertible {
    /// The step it was saved after.
    package let step: Int
    /// Names the file and what is wrong with it.
    package let message: String

    package var description: String { "checkpoint of step \(step) cannot be used: \(message)" }
}

/// The newest usable checkpoint, and the newer ones that were passed over.
package struct CheckpointSearch: Sendable {
    /// Nil if there is none that is whole.
    package let checkpoint: Checkpoint?
    /// Newest first.
    package let problems: [CheckpointProblem]
}

/// What was saved.
package struct CheckpointReceipt: Sendable, Equatable {
    /// The step it was saved after.
    package let step: Int
    /// The directory, or another name of the place.
    package let location: String
    /// Bytes of all files.
    package let byteCount: Int
}

/// Where checkpoints live. One process writes; any may read. All calls block on the disk: call them from a thread that
/// may wait. Throws `AlgorithmsError` with the file and the reason.
package protocol CheckpointStore: Sendable {
    /// Makes the place and clears what a killed writer left behind. Called once by the writer before its first save.
    func prepare() throws
    /// Adds a checkpoint whole or not at all, replacing one of the same step, then drops the oldest beyond the count
    /// that is kept.
    func save(_ checkpoint: Checkpoint) throws -> CheckpointReceipt
    /// Steps of the checkpoints that are there, ascending; unverified.
    func steps() throws -> [Int]
    /// Reads and verifies one checkpoint. Throws `damagedCheckpoint` naming the file.
    func load(step: Int) throws -> Checkpoint
}

extension CheckpointStore {
    /// The newest checkpoint that is whole, with a named problem for every newer one.
    package func latestValid() throws -> CheckpointSearch {
        var problems: [CheckpointProblem] = []
        for step in try steps().reversed() {
            do {
                return CheckpointSearch(checkpoint: try load(step: step), problems: problems)
            } catch {
                problems.append(CheckpointProblem(step: step, message: "\(error)"))
            }
        }
        return CheckpointSearch(checkpoint: nil, problems: problems)
    }
}

/// Checkpoints in memory, for tests and for runs that leave nothing behind.
package final class InMemoryCheckpointStore: CheckpointStore {
    private let checkpoints = Mutex<[Int: Checkpoint]>([:])
    private let keep: Int

    /// - Parameter keep: checkpoints that stay; at least 1.
    package init(keep: Int) {
        precondition(keep >= 1, "a store keeps at least one checkpoint, not \(keep)")
        self.keep = keep
    }

    /// Nothing to do in memory.
    package func prepare() {}

    /// Keeps `checkpoint` and drops the oldest beyond the count.
    package func save(_ checkpoint: Checkpoint) -> CheckpointReceipt {
        checkpoints.withLock { checkpoints in
            checkpoints[checkpoint.state.step] = checkpoint
            for step in checkpoints.keys.sorted().filter({ $0 <= checkpoint.state.step }).dropLast(keep) {
                checkpoints[step] = nil
            }
        }
        return CheckpointReceipt(
            step: checkpoint.state.step, location: "memory",
            byteCount: checkpoint.weights.byteCount + checkpoint.optimizer.byteCount)
    }

    /// Steps, ascending.
    package func steps() -> [Int] { checkpoints.withLock { $0.keys.sorted() } }

    /// The checkpoint of `step`; throws `damagedCheckpoint` if there is none.
    package func load(step: Int) throws -> Checkpoint {
        guard let checkpoint = checkpoints.withLock({ $0[step] }) else {
            throw AlgorithmsError(.damagedCheckpoint, subject: "memory", "there is no checkpoint of step \(step)")
        }
        return checkpoint
    }
}
