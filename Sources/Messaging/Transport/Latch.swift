/// Opens once; threads wait for it.
package final class Latch: Sendable {
    private let monitor = ThreadMonitor()
    nonisolated(unsafe) private var isOpen = false

    package init() {}

    /// Lets all threads pass, now and later.
    package func open() {
        monitor.withLock { unsafe isOpen = true }
        monitor.signal()
    }

    /// Blocks until the latch is open.
    package func wait() {
        monitor.withLock {
            while unsafe !isOpen { monitor.wait(until: nil) }
        }
    }
}
