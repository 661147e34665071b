/// What a membership demands of its workers.
package struct MembershipConfiguration: Sendable, Equatable {
    /// How many workers the run needs; it starts when they are there.
    package var worldSize: Int
    /// A worker that is silent for longer is lost.
    package var heartbeatTimeout: Duration
    /// The run fails when its workers are not there by then, counted from the beginning.
    package var rendezvousTimeout: Duration

    package init(
        worldSize: Int, heartbeatTimeout: Duration = .seconds(5), rendezvousTimeout: Duration = .seconds(60)
    ) {
        self.worldSize = worldSize
        self.heartbeatTimeout = heartbeatTimeout
        self.rendezvousTimeout = rendezvousTimeout
    }
}
