package import Transport
package import Wire

/// The ranks of one generation of a run, and the collectives they do together.
///
/// Collectives block; they are called from one trainer thread, in the same order and with the same counts on every rank.
/// `abort` may be called from any thread. A collective that throws leaves the group broken and its transport closed.
package final class ProcessGroup: Sendable {
    package let rank: Int
    package let worldSize: Int
    package let generation: Int
    package let runID: RunID

    let peers: [PeerName]
    let transport: any Transport
    let configuration: ProcessGroupConfiguration
    let mailbox: FrameMailbox
    let ledger = LeaseLedger()
    /// Counts the collectives; touched by the trainer thread alone.
    nonisolated(unsafe) private var bucket: UInt32 = 0
    /// The memory that the ranks share, once a collective has used it, and its rounds; as above.
    nonisolated(unsafe) var sharedArena: SharedArena?
    nonisolated(unsafe) private var round: UInt32 = 0

    /// Takes over `transport`, which is bound and not started.
    ///
    /// - Parameter peers: the data endpoints by rank, this rank's own among them.
    package init(
        rank: Int, peers: [PeerName], runID: RunID, generation: Int, transport: any Transport,
        configuration: ProcessGroupConfiguration = ProcessGroupConfiguration()
    ) throws(CollectiveError) {
        func refuse(_ message: String, _ code: CollectiveError.Code = .badGroup) -> CollectiveError {
            CollectiveError(code, message, rank: rank, generation: generation)
        }
        guard peers.indices.contains(rank) else { throw refuse("rank \(rank) of \(peers.count)") }
        guard Set(peers).count == peers.count else { throw refuse("two ranks at one endpoint: \(peers)") }
        guard UInt32(exactly: generation) != nil else { throw refuse("generation \(generation)") }
        guard peers.count == 1 || peers[rank] == transport.localName else {
            throw refuse("the plan says \(peers[rank]), this rank listens at \(transport.localName)")
        }
        guard configuration.segmentBytes > 0, configuration.segmentBytes % 8 == 0 else {
            throw refuse("segments of \(configuration.segmentBytes) bytes")
        }
        self.rank = rank
        self.peers = peers
        self.runID = runID
        self.generation = generation
        self.transport = transport
        self.configuration = configuration
        worldSize = peers.count
        mailbox = FrameMailbox(
            rank: rank, peers: peers, runID: runID, generation: generation, configuration: configuration)
        transport.start { [mailbox] event in mailbox.handle(event) }
        do {
            // Those we receive from too: the connection shows when they go away.
            for distance in barrierDistances {
                try transport.connect(to: peers[self.peer(at: distance)])
                try transport.connect(to: peers[self.peer(at: -distance)])
            }
        } catch {
            throw refuse("\(error)", .transport)
        }
    }

    /// What has been moved and dropped so far.
    package var counters: CollectiveCounters { mailbox.counters }

    /// Makes the collective that runs, and all later ones, throw at once.
    package func abort(_ reason: String) {
        mailbox.fail(.aborted, reason)
    }

    /// Leaves the group. What has been handed to the transport gets `flush` to leave.
    package func close(flush: Duration = .seconds(1)) {
        mailbox.fail(.broken, "the group was closed")
        transport.close(flush: flush)
    }

    /// The rank that stands `distance` places further in the ring.
    func peer(at distance: Int) -> Int {
        let position = (rank + distance) % worldSize
        return position < 0 ? position + worldSize : position
    }

    /// The number of the next round over shared memory; all ranks count alike.
    func nextRound() -> UInt32 {
        unsafe round &+= 1
        return unsafe round
    }

    /// The distances of the rounds of a barrier: 1, 2, 4, ... below the world size.
    var barrierDistances: [Int] {
        var distances: [Int] = []
        var distance = 1
        while distance < worldSize {
            distances.append(distance)
            distance *= 2
        }
        return distances
    }

    /// Runs one collective: numbers it, and on failure makes sure that nobody holds the caller's memory any more.
    func collective(
        step: Int, phase: DataPhase, _ body: (_ bucket: UInt32) throws(CollectiveError) -> Void
    ) throws(CollectiveError) {
        let place = CollectiveError.Place(step: step, phase: phase)
        guard step >= 0 else {
            throw CollectiveError(.mismatch, "negative step", rank: rank, generation: generation, place: place)
        }
        guard worldSize > 1 else { return }
        try mailbox.check(place)
        unsafe bucket += 1
        let bucket = unsafe bucket
        mailbox.begin(bucket: bucket)
        do throws(CollectiveError) {
            try body(bucket)
            try waitForLeases(place)
        } catch {
            mailbox.fail(.broken, "an earlier collective failed: \(error.message)", peer: error.place.peer)
            transport.close()
            let returned = ledger.waitUntilReturned(by: MonotonicInstant.now().advanced(by: .seconds(30)))
            precondition(returned, "a closed transport still holds pieces of a buffer")
            throw error
        }
    }

    /// Waits until the last pieces of the buffer have left, because the caller may change it after the collective.
    private func waitForLeases(_ place: CollectiveError.Place) throws(CollectiveError) {
        let start = MonotonicInstant.now()
        guard !ledger.waitUntilReturned(by: start.advanced(by: configuration.deadline)) else { return }
        var place = place
        place.peer = peer(at: 1)
        throw CollectiveError(
            .stalled, "\(peers[peer(at: 1)]) takes nothing", rank: rank, generation: generation, place: place,
            waitedSeconds: MonotonicInstant.now().seconds(since: start))
    }
}
