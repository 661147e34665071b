private import Synchronization

/// How a ZeroMQ transport behaves.
package struct ZeroMQConfiguration: Sendable {
    /// The host that peers use to reach this process, when it listens at a wildcard address.
    package var advertisedHost: String?
    /// A peer that announces a larger frame is cut off before anything is allocated for it.
    package var maximumFrameBytes: Int

    package init(advertisedHost: String? = nil, maximumFrameBytes: Int = 64 << 20) {
        self.advertisedHost = advertisedHost
        self.maximumFrameBytes = maximumFrameBytes
    }
}

/// Messages over ZeroMQ: `tcp://host:port`, `ipc:///path` or `inproc://name`, wildcards `tcp://127.0.0.1:*`,
/// `ipc://*` and `inproc://*`.
///
/// All sockets live on one thread; leased frames are sent from where they lie, except over `inproc`, whose receivers
/// would keep them. An `ipc` path that another process listens at is taken over, as the library does. Disconnections are seen over `tcp` and `ipc`.
package final class ZeroMQTransport: Transport {
    private let name: Mutex<PeerName>
    private let isClosed = Mutex(false)
    private let meter = TransportMeter()
    private let thread: SocketThread

    /// - Parameter context: shared by transports that talk to each other over `inproc`.
    package init(
        context: ZeroMQContext = ZeroMQContext(), configuration: ZeroMQConfiguration = ZeroMQConfiguration()
    ) {
        let caller = "caller-" + String(UInt64.random(in: 0...UInt64.max), radix: 16)
        name = Mutex(caller)
        thread = SocketThread(named: "troupe-sockets") { [meter] in
            ZeroMQSockets(context: context, configuration: configuration, meter: meter, name: caller)
        }
    }

    deinit {
        thread.submit { $0.close(lingerMilliseconds: 0) {} }
    }

    package var localName: PeerName { name.withLock { $0 } }

    package var counters: TransportCounters { meter.value }

    package func bind(_ endpoint: String) throws(TransportError) -> String {
        try check(endpoint)
        let concrete = Self.concrete(endpoint)
        guard let result = thread.perform({ $0.bind(concrete) }) else { throw closedError(endpoint) }
        let bound = try result.get()
        name.withLock { $0 = bound }
        return bound
    }

    package func connect(to peer: PeerName) throws(TransportError) {
        try check(peer)
        guard let failure = thread.perform({ $0.connect(to: peer) }) else { throw closedError(peer) }
        if let failure { throw failure }
    }

    package func send(_ frames: [Frame], to peer: PeerName) throws(TransportError) {
        guard !isClosed.withLock({ $0 }) else { throw closedError(peer) }
        meter.update {
            $0.messagesSent += 1
            $0.bytesSent += frames.reduce(0) { $0 + $1.count }
        }
        let leavesProcess = peer.hasPrefix("tcp://") || peer.hasPrefix("ipc://")
        let kept = leavesProcess ? frames : frames.map { $0.detached() }
        thread.submit { $0.send(kept, to: peer) }
    }

    package func start(_ handler: @escaping @Sendable (TransportEvent) -> Void) {
        thread.submit { $0.start(handler) }
    }

    package func close(flush: Duration, completion: @escaping @Sendable () -> Void) {
        isClosed.withLock { $0 = true }
        let parts = flush.components
        let milliseconds = min(parts.seconds, 3600) * 1000 + parts.attoseconds / 1_000_000_000_000_000
        let linger = Int32(max(0, milliseconds))
        let isTaken = thread.submit { $0.close(lingerMilliseconds: linger, completion: completion) }
        if !isTaken { completion() }
    }

    /// The library has wildcards for tcp; for `ipc` it would leave a directory behind where we happen to stand, so a free
    /// name in Linux's abstract name space is used instead, which vanishes with its socket.
    private static func concrete(_ endpoint: String) -> String {
        let unique = "troupe-" + String(UInt64.random(in: 0...UInt64.max), radix: 16)
        switch endpoint {
        case "inproc://*": return "inproc://" + unique
        case "ipc://*": return "ipc://@" + unique
        default: return endpoint
        }
    }

    private func check(_ endpoint: String) throws(TransportError) {
        guard endpoint.hasPrefix("tcp://") || endpoint.hasPrefix("ipc://") || endpoint.hasPrefix("inproc://") else {
            throw TransportError(
                .badEndpoint, "not an endpoint; expected tcp://ADDRESS:PORT, ipc://PATH or inproc://NAME",
                endpoint: endpoint)
        }
        // The library takes the digits a port begins with, modulo 2^16.
        let port = endpoint.split(separator: ":").last.map(String.init) ?? ""
        guard !endpoint.hasPrefix("tcp://") || port == "*" || UInt16(port) != nil else {
            throw TransportError(.badEndpoint, "expected a port from 0 to 65535, or *", endpoint: endpoint)
        }
        guard !isClosed.withLock({ $0 }) else { throw closedError(endpoint) }
    }

    private func closedError(_ endpoint: String) -> TransportError {
        TransportError(.closed, "closed", endpoint: endpoint)
    }
}
