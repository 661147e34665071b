package import Distributed

/// A worker as the coordinator sees it; forwards to a `WorkerService`.
package distributed actor WorkerEndpoint: WellKnownActor {
    package typealias ActorSystem = ClusterSystem

    package static var wellKnownName: String { "worker" }

    private let service: any WorkerService

    /// Makes `service` callable; the system holds the endpoint until it is shut down.
    package init(service: any WorkerService, actorSystem: ClusterSystem) {
        self.service = service
        self.actorSystem = actorSystem
    }

    /// The worker that listens at the control endpoint `address`.
    package static func at(_ address: String, using system: ClusterSystem) throws -> WorkerEndpoint {
        try resolve(id: ActorAddress(node: address, name: wellKnownName), using: system)
    }

    package distributed func start(_ plan: RunPlan) async throws {
        try await service.start(plan)
    }

    package distributed func requestStop() async throws {
        try await service.requestStop()
    }

    package distributed func abort(_ reason: String) async throws {
        try await service.abort(reason)
    }
}
