/// The name of a process as its peers see it: the endpoint it is reached at, or an invented name if it only calls out.
package typealias PeerName = String

/// What a transport tells its owner.
package enum TransportEvent: Sendable {
    /// A message has arrived, its frames in the order they were sent.
    case message(from: PeerName, frames: [Frame])
    /// A peer that this side connected to can be reached.
    case connected(PeerName)
    /// A peer that this side connected to has gone away; messages to it may be lost.
    case disconnected(PeerName)
    /// A message could not be handed to the medium and was dropped.
    case undeliverable(to: PeerName, reason: String)
}

/// What went through a transport so far.
package struct TransportCounters: Sendable, Equatable {
    package var messagesSent = 0
    package var bytesSent = 0
    package var messagesReceived = 0
    package var bytesReceived = 0
    /// Messages that were accepted for sending and then dropped.
    package var messagesDropped = 0

    package init() {}
}

/// Moves messages of several frames between named processes, and hides how.
///
/// Order: messages of one sender to one receiver over one connection arrive in order, at most once; across a broken
/// connection some may be lost. Any thread may call any method; none blocks for longer than it takes to hand a command
/// to the thread that owns the sockets.
package protocol Transport: AnyObject, Sendable {
    /// This process as its peers see it: the bound endpoint, or an invented name before and without `bind`.
    var localName: PeerName { get }

    /// Listens at `endpoint` and returns the endpoint that peers connect to, ports and wildcards resolved.
    /// At most once, and before any `connect`, because peers learn `localName` when a connection is made.
    func bind(_ endpoint: String) throws(TransportError) -> String

    /// Prepares a connection to the peer listening at `endpoint`; a second call for the same peer does nothing.
    /// The peer need not be there yet: messages wait for it.
    func connect(to peer: PeerName) throws(TransportError)

    /// Queues a message for `peer`: one that this side connected to, or one that has connected to this side.
    func send(_ frames: [Frame], to peer: PeerName) throws(TransportError)

    /// Delivers all events, from the oldest waiting one on, to `handler`: one at a time, on a thread of the transport's
    /// choice, so `handler` must not block. Called once.
    func start(_ handler: @escaping @Sendable (TransportEvent) -> Void)

    /// What went through so far.
    var counters: TransportCounters { get }

    /// Ends all connections without blocking; calls `completion` once, on any thread, when the medium has let go of every
    /// frame. Messages still queued get at most `flush` to leave; with zero they are dropped at once.
    /// A second call only waits like the first.
    func close(flush: Duration, completion: @escaping @Sendable () -> Void)
}

extension Transport {
    /// Ends all connections and waits until the medium has let go of every frame. Not for the cooperative pool.
    package func close(flush: Duration = .zero) {
        let closed = Latch()
        close(flush: flush) { closed.open() }
        closed.wait()
    }
}
