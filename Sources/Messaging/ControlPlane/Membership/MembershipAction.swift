/// One worker's place in a generation.
package struct RankAssignment: Sendable, Equatable {
    package var rank: Int
    package var request: JoinRequest

    package init(rank: Int, request: JoinRequest) {
        self.rank = rank
        self.request = request
    }
}

/// A rank that has gone without a word.
package struct LostRank: Sendable, Equatable, CustomStringConvertible {
    /// How it became known.
    package enum Reason: Sendable, Equatable {
        case silent(Duration)
        case disconnected
        /// Another process came up at its address.
        case replaced
    }

    /// The rank it had.
    package var rank: Int
    /// The process that is gone.
    package var nodeID: NodeID
    /// Its host, for people.
    package var hostName: String
    /// Its process on that host.
    package var processID: Int
    /// The last step it has told of.
    package var step: Int
    package var phase: String
    package var reason: Reason

    package init(
        rank: Int, nodeID: NodeID, hostName: String, processID: Int, step: Int, phase: String, reason: Reason
    ) {
        self.rank = rank
        self.nodeID = nodeID
        self.hostName = hostName
        self.processID = processID
        self.step = step
        self.phase = phase
        self.reason = reason
    }

    package var description: String {
        let cause =
            switch reason {
            case .silent(let time): "silent for \(time)"
            case .disconnected: "its connection broke"
            case .replaced: "another process came up at its address"
            }
        return "rank \(rank) (process \(processID) on \(hostName)) lost at step \(step), \(phase): \(cause)"
    }
}

/// How a run ended.
package enum RunEnding: Sendable, Equatable {
    /// All ranks have done all steps, and their digests agree.
    case completed
    /// All ranks stopped on request; the run can be resumed.
    case stopped
    /// The run cannot go on, for this reason.
    case failed(String)

    /// The kind of ending in a word, and the reason if it has one; what `events.jsonl` says.
    package var details: [String: String] {
        switch self {
        case .completed: ["ending": "completed"]
        case .stopped: ["ending": "stopped"]
        case .failed(let reason): ["ending": "failed", "reason": reason]
        }
    }
}

/// What the driver of a membership has to do.
package enum MembershipAction: Sendable, Equatable {
    /// Send every worker its plan; the assignments are in rank order.
    case start(generation: Int, assignments: [RankAssignment])
    /// Record the loss; `end` follows.
    case lost(LostRank)
    /// A worker left before the run started; its place is free again.
    case withdrawn(NodeID, reason: String)
    /// The run is over; tell those who are still there.
    case end(RunEnding)
}
