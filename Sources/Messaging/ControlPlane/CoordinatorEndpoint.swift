package import Distributed

/// The coordinator as workers see it; forwards to a `CoordinatorService`.
package distributed actor CoordinatorEndpoint: WellKnownActor {
    package typealias ActorSystem = ClusterSystem

    package static var wellKnownName: String { "coordinator" }

    private let service: any CoordinatorService

    /// Makes `service` callable; the system holds the endpoint until it is shut down.
    package init(service: any CoordinatorService, actorSystem: ClusterSystem) {
        self.service = service
        self.actorSystem = actorSystem
    }

    /// The coordinator that listens at the control endpoint `address`.
    package static func at(_ address: String, using system: ClusterSystem) throws -> CoordinatorEndpoint {
        try resolve(id: ActorAddress(node: address, name: wellKnownName), using: system)
    }

    package distributed func join(_ request: JoinRequest) async throws -> JoinReply {
        try await service.join(request)
    }

    package distributed func heartbeat(_ heartbeat: Heartbeat) async throws -> HeartbeatReply {
        try await service.heartbeat(heartbeat)
    }

    package distributed func report(_ report: StepReport) async throws {
        try await service.report(report)
    }

    package distributed func event(_ event: RunEvent) async throws {
        try await service.event(event)
    }

    package distributed func finished(_ outcome: RankOutcome) async throws {
        try await service.finished(outcome)
    }
}
