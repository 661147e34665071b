import Distributed
package import Logging
import Synchronization
package import Transport
package import Wire

/// How an actor system behaves.
package struct ClusterSystemConfiguration: Sendable {
    /// How long a call waits for its answer unless `ClusterSystem.$callDeadline` says otherwise.
    package var callDeadline: Duration
    /// Measures the deadlines.
    package var clock: any Clock<Duration>
    package var logger: Logger

    package init(
        callDeadline: Duration = .seconds(5), clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "troupe.control-plane", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.callDeadline = callDeadline
        self.clock = clock
        self.logger = logger
    }
}

/// A peer that this process calls came or went.
package enum PeerChange: Sendable, Equatable {
    case connected(PeerName)
    case disconnected(PeerName)
}

/// What an actor system has seen so far.
package struct ClusterSystemCounters: Sendable, Equatable {
    package var callsSent = 0
    package var callsReceived = 0
    package var timeouts = 0
    /// Calls of another run or of an earlier generation, dropped unanswered.
    package var staleDropped = 0
    /// Messages that were no control envelopes, dropped.
    package var malformedDropped = 0
    /// Answers to calls that were no longer open.
    package var lateAnswers = 0
}

/// Carries distributed calls over any `Transport`, as MessagePack envelopes, each with a deadline.
///
/// Incoming calls run concurrently, each in a task of its own: calls that must stay in order are awaited one after the
/// other by their sender. Local actors are held until `shutdown`, so an endpoint lives as long as its system.
package final class ClusterSystem: DistributedActorSystem {
    package typealias ActorID = ActorAddress
    package typealias InvocationEncoder = ControlPlane.InvocationEncoder
    package typealias InvocationDecoder = ControlPlane.InvocationDecoder
    package typealias ResultHandler = CallResultHandler
    package typealias SerializationRequirement = any WireCodable

    /// Overrides the deadline of the calls made inside: `ClusterSystem.$callDeadline.withValue(.seconds(1)) { ... }`.
    @TaskLocal package static var callDeadline: Duration?

    struct State {
        var actors: [String: any DistributedActor] = [:]
        var assignedNames: Set<String> = []
        var pending: [UInt64: PendingCall] = [:]
        var running: [UInt64: Task<Void, Never>] = [:]
        var lastCall: UInt64 = 0
        var lastTask: UInt64 = 0
        var lastSequence: UInt64 = 0
        var runID = RunID.none
        var generation = 0
        var isClosed = false
        var counters = ClusterSystemCounters()
    }

    /// This process's control endpoint.
    package let address: String
    /// Peers that came and went, from the first on; for one consumer. Ends with `shutdown`.
    package let peerChanges: AsyncStream<PeerChange>

    let transport: any Transport
    let configuration: ClusterSystemConfiguration
    let state = Mutex(State())
    private let peerChangeSink: AsyncStream<PeerChange>.Continuation

    /// Takes over `transport`: bound beforehand when others shall call this process, and not started.
    package init(transport: any Transport, configuration: ClusterSystemConfiguration = ClusterSystemConfiguration()) {
        self.transport = transport
        self.configuration = configuration
        address = transport.localName
        (peerChanges, peerChangeSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
        // Weak: the transport holds the handler, and the system holds the transport.
        transport.start { [weak self] event in self?.handle(event) }
    }

    /// From now on this process acts in `generation` of run `runID`: calls that come from elsewhere are dropped.
    package func enter(runID: RunID, generation: Int) {
        state.withLock {
            $0.runID = runID
            $0.generation = generation
        }
    }

    package var counters: ClusterSystemCounters { state.withLock { $0.counters } }

    /// Fails open calls, cancels running ones, releases the actors and closes the transport; answers that are on their
    /// way get `flush` to leave.
    package func shutdown(flush: Duration = .seconds(1)) async {
        // The actors leave the lock with the result: releasing one calls `resignID`, which takes the lock.
        let (pending, running, actors) = state.withLock { state in
            defer {
                state.isClosed = true
                state.actors = [:]
                state.pending = [:]
                state.running = [:]
            }
            return (state.pending, state.running, state.actors)
        }
        for (callID, call) in pending { call.finish(.failure(call.error(.closed, "system shut down", callID))) }
        for task in running.values { task.cancel() }
        peerChangeSink.finish()
        withExtendedLifetime(actors) {}
        await withCheckedContinuation { continuation in
            transport.close(flush: flush) { continuation.resume() }
        }
    }

    /// Called by the transport, one event at a time.
    private func handle(_ event: TransportEvent) {
        switch event {
        case .message(let peer, let frames):
            receive(frames, from: peer)
        case .connected(let peer):
            configuration.logger.debug("peer connected", metadata: ["peer": "\(peer)"])
            peerChangeSink.yield(.connected(peer))
        case .disconnected(let peer):
            configuration.logger.debug("peer disconnected", metadata: ["peer": "\(peer)"])
            failCalls(to: peer, .disconnected, "the peer went away")
            peerChangeSink.yield(.disconnected(peer))
        case .undeliverable(let peer, let reason):
            failCalls(to: peer, .transport, reason)
        }
    }
}
