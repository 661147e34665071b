import Transport

/// Counts the pieces of a caller's buffer that the transport still holds.
final class LeaseLedger: Sendable {
    private let monitor = ThreadMonitor()
    nonisolated(unsafe) private var open = 0

    /// A lease for one more piece.
    func lease() -> FrameLease {
        monitor.withLock { unsafe open += 1 }
        return FrameLease { [self] in
            monitor.withLock { unsafe open -= 1 }
            monitor.signal()
        }
    }

    /// Blocks until the transport holds nothing any more; false when it still does at `deadline`.
    func waitUntilReturned(by deadline: MonotonicInstant) -> Bool {
        monitor.withLock {
            while unsafe open > 0 {
                guard MonotonicInstant.now() < deadline else { return false }
                monitor.wait(until: deadline)
            }
            return true
        }
    }
}
