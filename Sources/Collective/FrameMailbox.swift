import Transport
import Wire

/// What one expected segment is known by.
struct FrameKey: Hashable {
    let bucket: UInt32
    let phase: DataPhase
    let hop: UInt32
    let segment: UInt32
    let sender: UInt32

    init(bucket: UInt32, phase: DataPhase, hop: Int, segment: Int, sender: Int) {
        self.bucket = bucket
        self.phase = phase
        self.hop = UInt32(hop)
        self.segment = UInt32(segment)
        self.sender = UInt32(sender)
    }

    init(_ header: DataFrameHeader) {
        bucket = header.bucket
        phase = header.phase
        hop = header.hop
        segment = header.segment
        sender = header.sender
    }
}

/// Where the socket thread puts data frames and the trainer thread waits for them.
///
/// Frames are kept by what they are, so their order on the wire does not matter, and each is handed out once, so
/// duplicates do not either.
final class FrameMailbox: Sendable {
    /// A segment that has arrived.
    struct Arrival {
        let header: DataFrameHeader
        let payload: Frame
    }

    /// Why nothing more is to be waited for.
    private struct Failure {
        let code: CollectiveError.Code
        let message: String
        let peer: Int?
    }

    /// Guarded by `monitor`.
    private struct State {
        var arrivals: [FrameKey: Arrival] = [:]
        var taken: Set<FrameKey> = []
        var bucket: UInt32 = 0
        var failure: Failure?
        /// When the connection to a peer broke; forgotten when it comes back.
        var lostSince: [Int: MonotonicInstant] = [:]
        var counters = CollectiveCounters()
    }

    private let rank: Int
    private let peers: [PeerName]
    private let rankOfPeer: [PeerName: Int]
    private let runID: RunID
    private let generation: Int
    private let configuration: ProcessGroupConfiguration
    private let monitor = ThreadMonitor()
    nonisolated(unsafe) private var state = State()

    init(
        rank: Int, peers: [PeerName], runID: RunID, generation: Int, configuration: ProcessGroupConfiguration
    ) {
        self.rank = rank
        self.peers = peers
        self.runID = runID
        self.generation = generation
        self.configuration = configuration
        rankOfPeer = Dictionary(peers.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func locked<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try monitor.withLock { () throws(Failure) -> Result in try unsafe body(&state) }
    }

    var counters: CollectiveCounters { locked { $0.counters } }

    func count(_ body: (inout CollectiveCounters) -> Void) {
        locked { body(&$0.counters) }
    }

    // MARK: The socket thread's side

    /// Takes an event of the transport in; never blocks for long.
    func handle(_ event: TransportEvent) {
        switch event {
        case .message(let sender, let frames):
            guard let peer = rankOfPeer[sender] else {
                locked { $0.counters.strangersDropped += 1 }
                return
            }
            do {
                try receive(frames, from: peer)
            } catch {
                fail(.corrupt, "\(error)", peer: peer)
            }
        case .connected(let name):
            guard let peer = rankOfPeer[name] else { return }
            locked { $0.lostSince[peer] = nil }
        case .disconnected(let name):
            guard let peer = rankOfPeer[name] else { return }
            locked { $0.lostSince[peer] = MonotonicInstant.now() }
            monitor.signal()
        case .undeliverable(let name, let reason):
            fail(.transport, "cannot send: \(reason)", peer: rankOfPeer[name])
        }
    }

    private func receive(_ frames: [Frame], from peer: Int) throws(WireError) {
        guard frames.count == 2 else { throw WireError(.malformed, "data message of \(frames.count) frames") }
        let payload = frames[1]
        let header = try unsafe frames[0].withBytes { (bytes) throws(WireError) in
            try unsafe DataFrameHeader(decoding: bytes)
        }
        guard header.runID == runID, header.generation == UInt32(generation) else {
            locked { $0.counters.staleDropped += 1 }
            return
        }
        guard header.sender == UInt32(peer) else {
            throw WireError(.outOfRange, "frame of rank \(header.sender) from rank \(peer)")
        }
        guard payload.count == header.payloadByteCount else {
            throw WireError(
                .malformed, "payload of \(payload.count) bytes, header says \(header.payloadByteCount)")
        }
        let key = FrameKey(header)
        locked { state in
            guard key.bucket >= state.bucket, !state.taken.contains(key), state.arrivals[key] == nil else {
                state.counters.duplicatesDropped += 1
                return
            }
            state.arrivals[key] = Arrival(header: header, payload: payload)
        }
        monitor.signal()
    }

    /// Ends the current and all later waits; the first failure stays.
    func fail(_ code: CollectiveError.Code, _ message: String, peer: Int? = nil) {
        locked { state in
            if state.failure == nil { state.failure = Failure(code: code, message: message, peer: peer) }
        }
        monitor.signal()
    }

    // MARK: The trainer thread's side

    /// Throws when a failure has been noted.
    func check(_ place: CollectiveError.Place) throws(CollectiveError) {
        try locked { state throws(CollectiveError) in try check(state, place, waited: 0) }
    }

    /// A collective begins: what is left of earlier ones is late and forgotten.
    func begin(bucket: UInt32) {
        locked { state in
            state.bucket = bucket
            state.taken = []
            state.arrivals = state.arrivals.filter { $0.key.bucket >= bucket }
        }
    }

    /// A wait for something of one peer.
    struct PeerWait {
        fileprivate let mailbox: FrameMailbox
        fileprivate let peer: Int
        fileprivate let place: CollectiveError.Place
        fileprivate let start = MonotonicInstant.now()
        /// When a long wait is told of; nil once it was.
        fileprivate var noticeAt: MonotonicInstant?

        /// Throws what ends the wait: a failure that was noted, the peer's loss, the deadline.
        mutating func check() throws(CollectiveError) {
            let now = MonotonicInstant.now()
            var wait = self
            defer { self = wait }
            try mailbox.locked { (state) throws(CollectiveError) in
                try mailbox.check(state, place, waited: now.seconds(since: start))
                _ = try mailbox.checkPatience(state, &wait, now)
            }
        }
    }

    /// A wait for `peer` that begins now.
    func wait(for peer: Int, _ place: CollectiveError.Place) -> PeerWait {
        var place = place
        place.peer = peer
        var wait = PeerWait(mailbox: self, peer: peer, place: place)
        wait.noticeAt = wait.start.advanced(by: configuration.stallNotice)
        return wait
    }

    /// Throws if the peer is lost or the deadline has passed, and tells of a long wait. Returns when to look again.
    private func checkPatience(
        _ state: State, _ wait: inout PeerWait, _ now: MonotonicInstant
    ) throws(CollectiveError) -> MonotonicInstant {
        let (peer, waited) = (wait.peer, now.seconds(since: wait.start))
        let deadline = wait.start.advanced(by: configuration.deadline)
        var wakeAt = deadline
        if let lostSince = state.lostSince[peer] {
            let patience = lostSince.advanced(by: configuration.disconnectGrace)
            guard now < patience else {
                throw error(.peerLost, "the connection to \(peers[peer]) broke", wait.place, waited)
            }
            wakeAt = min(wakeAt, patience)
        }
        guard now < deadline else { throw error(.stalled, "nothing came from \(peers[peer])", wait.place, waited) }
        if let notice = wait.noticeAt {
            if now >= notice {
                wait.noticeAt = nil
                configuration.onStall?(error(.stalled, "still waiting for \(peers[peer])", wait.place, waited))
            } else {
                wakeAt = min(wakeAt, notice)
            }
        }
        return wakeAt
    }

    /// Waits for a segment and removes it.
    func take(_ key: FrameKey, _ place: CollectiveError.Place) throws(CollectiveError) -> Arrival {
        var wait = wait(for: Int(key.sender), place)
        return try monitor.withLock { () throws(CollectiveError) -> Arrival in
            while true {
                let now = MonotonicInstant.now()
                let waited = now.seconds(since: wait.start)
                try unsafe check(state, place, waited: waited)
                if let arrival = unsafe state.arrivals.removeValue(forKey: key) {
                    unsafe state.taken.insert(key)
                    unsafe state.counters.segmentsReceived += 1
                    unsafe state.counters.payloadBytesReceived += arrival.payload.count
                    unsafe state.counters.waitedSeconds += waited
                    return arrival
                }
                monitor.wait(until: try unsafe checkPatience(state, &wait, now))
            }
        }
    }

    private func check(
        _ state: State, _ place: CollectiveError.Place, waited: Double
    ) throws(CollectiveError) {
        guard let failure = state.failure else { return }
        var place = place
        if let peer = failure.peer { place.peer = peer }
        throw error(failure.code, failure.message, place, waited)
    }

    private func error(
        _ code: CollectiveError.Code, _ message: String, _ place: CollectiveError.Place, _ waited: Double
    ) -> CollectiveError {
        CollectiveError(
            code, message, rank: rank, generation: generation, place: place, waitedSeconds: waited)
    }
}
