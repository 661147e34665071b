/// What workers may ask of the coordinator. Called concurrently, on the cooperative pool; must not block.
package protocol CoordinatorService: Sendable {
    /// A worker offers itself. Refusals are answers with `accepted == false` and a sentence why, not errors.
    func join(_ request: JoinRequest) async throws -> JoinReply
    /// A worker shows that it is alive, and learns what to do next.
    func heartbeat(_ heartbeat: Heartbeat) async throws -> HeartbeatReply
    /// The measured values of one step of one rank.
    func report(_ report: StepReport) async throws
    /// Something worth remembering happened: a checkpoint, an evaluation.
    func event(_ event: RunEvent) async throws
    /// A rank has come to its end.
    func finished(_ outcome: RankOutcome) async throws
}
