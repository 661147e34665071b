private import Synchronization

/// A network inside one process: for tests, and for worlds whose ranks are threads.
///
/// Endpoints are `local://NAME`; `local://*` takes a free name. Events run on the thread of whoever causes them, one at
/// a time per transport. Leased frames are copied, because a receiver may keep a frame for as long as it likes.
package final class InProcessNetwork: Sendable {
    /// One direction of acquaintance: `caller` has connected to `listener`.
    private struct Connection: Hashable {
        let caller: PeerName
        let listener: PeerName
    }

    private struct State {
        var members: [PeerName: InProcessTransport] = [:]
        var listening: Set<PeerName> = []
        var connections: Set<Connection> = []
        /// Messages for listeners that are not there yet.
        var waiting: [PeerName: [(from: PeerName, frames: [Frame])]] = [:]
        var created = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// A new process of this network.
    package func makeTransport() -> InProcessTransport {
        state.withLock { state in
            state.created += 1
            let transport = InProcessTransport(network: self, name: "local-\(state.created)")
            state.members[transport.localName] = transport
            return transport
        }
    }

    /// Makes `transport` reachable at `endpoint` and delivers what has waited for it; returns the name it now has.
    func bind(_ transport: InProcessTransport, to endpoint: String) throws(TransportError) -> PeerName {
        let prefix = "local://"
        guard endpoint.hasPrefix(prefix), endpoint.count > prefix.count else {
            throw TransportError(.badEndpoint, "an in-process endpoint is local://NAME", endpoint: endpoint)
        }
        let name = endpoint == "local://*" ? prefix + transport.localName : endpoint
        let callers = try state.withLock { state throws(TransportError) -> [InProcessTransport] in
            guard state.members[name] == nil else {
                throw TransportError(.addressInUse, "another transport listens there", endpoint: endpoint)
            }
            state.members[transport.localName] = nil
            state.members[name] = transport
            state.listening.insert(name)
            for (sender, frames) in state.waiting.removeValue(forKey: name) ?? [] {
                transport.accept(frames, from: sender)
            }
            let callers = state.connections.filter { $0.listener == name }.compactMap { state.members[$0.caller] }
            for caller in callers { caller.inbox.enqueue(.connected(name)) }
            return callers
        }
        for caller in callers { caller.inbox.drain() }
        return name
    }

    func connect(_ transport: InProcessTransport, to peer: PeerName) {
        state.withLock {
            let isNew = $0.connections.insert(Connection(caller: transport.localName, listener: peer)).inserted
            if isNew, $0.listening.contains(peer) { transport.inbox.enqueue(.connected(peer)) }
        }
        transport.inbox.drain()
    }

    /// Delivers, or keeps for a listener to come; returns why not when `peer` is unknown to the sender.
    func send(_ frames: [Frame], from sender: PeerName, to peer: PeerName) -> String? {
        let owned = frames.map { $0.detached() }
        let (receiver, failure) = state.withLock { state -> (InProcessTransport?, String?) in
            let hasCalled = state.connections.contains(Connection(caller: sender, listener: peer))
            let wasCalled = state.connections.contains(Connection(caller: peer, listener: sender))
            guard hasCalled || wasCalled else { return (nil, "not connected") }
            guard let receiver = state.members[peer], wasCalled || state.listening.contains(peer) else {
                guard hasCalled else { return (nil, "the peer has gone") }
                state.waiting[peer, default: []].append((sender, owned))
                return (nil, nil)
            }
            receiver.accept(owned, from: sender)
            return (receiver, nil)
        }
        receiver?.inbox.drain()
        return failure
    }

    /// Forgets a transport and tells those who had connected to it.
    func remove(_ name: PeerName) {
        let callers = state.withLock { state in
            state.members[name] = nil
            let wasListening = state.listening.remove(name) != nil
            let callers = state.connections.filter { $0.listener == name }.compactMap { state.members[$0.caller] }
            state.connections = state.connections.filter { $0.caller != name }
            guard wasListening else { return [InProcessTransport]() }
            for caller in callers { caller.inbox.enqueue(.disconnected(name)) }
            return callers
        }
        for caller in callers { caller.inbox.drain() }
    }
}
