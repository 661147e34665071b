private import Synchronization

/// The counters of one transport, written by any thread.
final class TransportMeter: Sendable {
    private let counters = Mutex(TransportCounters())

    func update(_ body: (inout TransportCounters) -> Void) {
        counters.withLock { body(&$0) }
    }

    var value: TransportCounters { counters.withLock { $0 } }
}
