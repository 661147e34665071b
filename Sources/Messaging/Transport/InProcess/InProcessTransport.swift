private import Synchronization

/// One process of an `InProcessNetwork`.
package final class InProcessTransport: Transport {
    private struct State {
        var name: PeerName
        var isBound = false
        var hasConnected = false
        var isClosed = false
        var counters = TransportCounters()
    }

    private let network: InProcessNetwork
    private let state: Mutex<State>
    let inbox = EventQueue()

    init(network: InProcessNetwork, name: PeerName) {
        self.network = network
        state = Mutex(State(name: name))
    }

    package var localName: PeerName { state.withLock { $0.name } }

    package var counters: TransportCounters { state.withLock { $0.counters } }

    package func bind(_ endpoint: String) throws(TransportError) -> String {
        try state.withLock { state throws(TransportError) in
            guard !state.isClosed else { throw TransportError(.closed, "closed before bind", endpoint: endpoint) }
            guard !state.isBound, !state.hasConnected else {
                throw TransportError(.wrongOrder, "bind is called once and before connect", endpoint: endpoint)
            }
            state.isBound = true
        }
        do {
            let name = try network.bind(self, to: endpoint)
            state.withLock { $0.name = name }
            return name
        } catch {
            state.withLock { $0.isBound = false }
            throw error
        }
    }

    package func connect(to peer: PeerName) throws(TransportError) {
        try checkOpen(peer)
        guard peer.hasPrefix("local://") else {
            throw TransportError(.badEndpoint, "an in-process endpoint is local://NAME", endpoint: peer)
        }
        state.withLock { $0.hasConnected = true }
        network.connect(self, to: peer)
    }

    package func send(_ frames: [Frame], to peer: PeerName) throws(TransportError) {
        try checkOpen(peer)
        let bytes = frames.reduce(0) { $0 + $1.count }
        let failure = network.send(frames, from: localName, to: peer)
        state.withLock {
            $0.counters.messagesSent += failure == nil ? 1 : 0
            $0.counters.bytesSent += failure == nil ? bytes : 0
            $0.counters.messagesDropped += failure == nil ? 0 : 1
        }
        if let failure {
            inbox.enqueue(.undeliverable(to: peer, reason: failure))
            inbox.drain()
        }
    }

    package func start(_ handler: @escaping @Sendable (TransportEvent) -> Void) {
        inbox.start(handler)
    }

    package func close(flush: Duration, completion: @escaping @Sendable () -> Void) {
        let wasOpen = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        if wasOpen {
            network.remove(localName)
            inbox.close()
        }
        completion()
    }

    /// Takes a message in; the network drains the inbox afterwards.
    func accept(_ frames: [Frame], from sender: PeerName) {
        state.withLock {
            $0.counters.messagesReceived += 1
            $0.counters.bytesReceived += frames.reduce(0) { $0 + $1.count }
        }
        inbox.enqueue(.message(from: sender, frames: frames))
    }

    private func checkOpen(_ peer: PeerName) throws(TransportError) {
        guard !state.withLock({ $0.isClosed }) else { throw TransportError(.closed, "closed", endpoint: peer) }
    }
}
