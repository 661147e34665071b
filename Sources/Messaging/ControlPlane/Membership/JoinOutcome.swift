/// What became of a request to join.
package enum JoinOutcome: Sendable, Equatable {
    /// Taken; with the rank it asked for, if that was free.
    case accepted(reservedRank: Int?)
    /// Taken, but the rank it asked for is another's or does not exist; it gets one in the order of joining.
    case acceptedWithoutRank(requested: Int)
    /// It had been taken already; nothing changes.
    case alreadyMember
    /// It takes the place of an earlier process at its address.
    case replaced(NodeID)
    /// It speaks another version of the protocol.
    case wrongProtocol(theirs: Int, ours: Int)
    /// The run has started without it: all places are taken.
    case late(generation: Int)
    /// The run is over.
    case ended

    /// Whether a plan will follow.
    package var isAccepted: Bool {
        switch self {
        case .accepted, .acceptedWithoutRank, .alreadyMember, .replaced: true
        case .wrongProtocol, .late, .ended: false
        }
    }

    /// The answer to the worker.
    package var reply: JoinReply { JoinReply(accepted: isAccepted, message: message) }

    private var message: String {
        switch self {
        case .accepted(nil): "accepted; ranks are given when all workers are there"
        case .accepted(let rank?): "accepted with rank \(rank)"
        case .acceptedWithoutRank(let rank): "accepted, but rank \(rank) is not free; another one will be given"
        case .alreadyMember: "accepted before"
        case .replaced(let node): "accepted in place of \(node)"
        case .wrongProtocol(let theirs, let ours): "protocol version \(theirs), the coordinator speaks \(ours)"
        case .late(let generation): "all places are taken; the run has started (generation \(generation))"
        case .ended: "the run is over"
        }
    }
}
