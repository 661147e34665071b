private import Synchronization

/// Hands events to one handler, in order and one at a time, on whichever thread happens to drain it.
final class EventQueue: Sendable {
    private struct State {
        var events: [TransportEvent] = []
        var handler: (@Sendable (TransportEvent) -> Void)?
        var isDraining = false
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Sets the handler and delivers what has waited for it.
    func start(_ handler: @escaping @Sendable (TransportEvent) -> Void) {
        state.withLock {
            precondition($0.handler == nil, "a transport is started once")
            $0.handler = handler
        }
        drain()
    }

    /// Adds an event without delivering it, so that it can be called under another lock; `drain` must follow.
    func enqueue(_ event: TransportEvent) {
        state.withLock { if !$0.isClosed { $0.events.append(event) } }
    }

    /// Delivers waiting events unless another thread is at it, which then delivers these too.
    func drain() {
        while true {
            let batch = state.withLock { state -> ([TransportEvent], @Sendable (TransportEvent) -> Void)? in
                guard !state.isDraining, !state.events.isEmpty, let handler = state.handler else { return nil }
                state.isDraining = true
                defer { state.events = [] }
                return (state.events, handler)
            }
            guard let (events, handler) = batch else { return }
            for event in events { handler(event) }
            state.withLock { $0.isDraining = false }
        }
    }

    /// Drops what waits and everything that comes later.
    func close() {
        state.withLock {
            $0.isClosed = true
            $0.events = []
        }
    }
}
