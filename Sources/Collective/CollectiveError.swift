package import Wire

/// Why a collective did not complete. The group is broken afterwards: the result buffer is undefined, and a new group (a
/// new generation) has to be made.
package struct CollectiveError: Error, Equatable, CustomStringConvertible {
    /// The kind of fault; its name fits a metric label.
    package enum Code: String, Sendable {
        /// Nothing came from a peer, or nothing went out to it, within the deadline.
        case stalled
        /// A peer's connection broke while something was still to come from it.
        case peerLost
        /// `abort` was called on this rank.
        case aborted
        /// A frame whose bytes do not fit its checksum, or that is no frame at all.
        case corrupt
        /// A well-formed frame of another collective than the one that runs here: the ranks do different things.
        case mismatch
        /// The transport refused.
        case transport
        /// The group was put together wrongly.
        case badGroup
        /// An earlier collective has failed, or the group was closed.
        case broken
    }

    /// What was going on; fields that do not apply are nil.
    package struct Place: Sendable, Equatable {
        package var peer: Int?
        package var step: Int?
        package var phase: DataPhase?
        package var hop: Int?
        package var segment: Int?

        package init(
            peer: Int? = nil, step: Int? = nil, phase: DataPhase? = nil, hop: Int? = nil, segment: Int? = nil
        ) {
            self.peer = peer
            self.step = step
            self.phase = phase
            self.hop = hop
            self.segment = segment
        }
    }

    /// The kind of fault.
    package let code: Code
    /// What happened, for people.
    package let message: String
    /// The rank that reports.
    package let rank: Int
    package let generation: Int
    package let place: Place
    /// How long the rank had been waiting, seconds.
    package let waitedSeconds: Double

    package init(
        _ code: Code, _ message: String, rank: Int, generation: Int, place: Place = Place(), waitedSeconds: Double = 0
    ) {
        self.code = code
        self.message = message
        self.rank = rank
        self.generation = generation
        self.place = place
        self.waitedSeconds = waitedSeconds
    }

    package var description: String {
        var words = ["rank \(rank), generation \(generation)"]
        if let step = place.step { words.append("step \(step)") }
        if let phase = place.phase { words.append(phase.name) }
        if let hop = place.hop { words.append("hop \(hop)") }
        if let segment = place.segment { words.append("segment \(segment)") }
        if let peer = place.peer { words.append("peer rank \(peer)") }
        if waitedSeconds > 0 { words.append("waited \((waitedSeconds * 1000).rounded() / 1000) s") }
        return "collective \(code.rawValue): \(message) (\(words.joined(separator: ", ")))"
    }
}
