/// A worker that has been taken, and what is known of it.
package struct Member: Sendable, Equatable {
    /// What it said when it joined.
    package var request: JoinRequest
    /// Its rank; nil until the run starts.
    package var rank: Int?
    /// When it was last heard, on the clock of whoever drives the membership.
    package var lastHeard: Duration
    /// The last optimizer step it has told of.
    package var step: Int
    /// What it was doing then.
    package var phase: String
    /// Whether it has told its end, which is still being judged: nobody misses it any more.
    package var isLeaving: Bool
    /// How it ended, once it has.
    package var outcome: RankOutcome?

    package init(request: JoinRequest, lastHeard: Duration) {
        self.request = request
        self.lastHeard = lastHeard
        rank = nil
        step = 0
        phase = "joined"
        isLeaving = false
        outcome = nil
    }

    /// Whether its silence means that it is lost.
    package var isMissed: Bool { outcome == nil && !isLeaving }
    /// The process it is.
    package var nodeID: NodeID { request.nodeID }
}
