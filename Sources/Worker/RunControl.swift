import Synchronization

/// What the trainer thread and the actors around it tell each other: a few words behind a lock.
///
/// The trainer thread writes its position and polls for a stop; the worker's actor reads the position for heartbeats
/// and sets the stop or the reason to abort.
package final class RunControl: Sendable {
    /// Where the trainer thread is.
    package struct Position: Sendable, Equatable {
        /// Completed steps.
        package var step: Int
        /// What it is doing: `starting`, `training`, `evaluating`, `saving`, `finishing`.
        package var phase: String
    }

    private struct State {
        var position = Position(step: 0, phase: "starting")
        var stopRequested = false
        var abortReason: String?
    }

    private let state = Mutex(State())

    package init() {}

    /// The trainer thread's current position.
    package var position: Position { state.withLock { $0.position } }
    /// Whether the run should end after the current step.
    package var stopRequested: Bool { state.withLock { $0.stopRequested } }
    /// Why the run must end at once, if it must.
    package var abortReason: String? { state.withLock { $0.abortReason } }

    /// Records that `step` steps are complete and `phase` begins.
    package func enter(_ phase: String, step: Int) {
        state.withLock { $0.position = Position(step: step, phase: phase) }
    }

    /// Asks the trainer thread to finish its step, save and end.
    package func requestStop() {
        state.withLock { $0.stopRequested = true }
    }

    /// Records the first reason to abort. Returns whether it was the first.
    @discardableResult
    package func abort(_ reason: String) -> Bool {
        state.withLock {
            guard $0.abortReason == nil else { return false }
            $0.abortReason = reason
            return true
        }
    }
}
