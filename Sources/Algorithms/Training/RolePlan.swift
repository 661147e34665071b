/// What a rank does in a run. Every rank of a pretraining run trains; other algorithms bring roles of their own.
package enum Role: String, Sendable, CaseIterable {
    /// Computes gradients and holds the weights.
    case trainer
}

/// Which roles a run needs, by rank. The algorithm decides; the coordinator hands them out with the ranks.
package struct RolePlan: Sendable, Equatable {
    /// The role of each rank.
    package let roles: [Role]

    /// The roles that `configuration` asks for on `worldSize` ranks.
    package init(_ configuration: RunConfiguration, worldSize: Int) {
        roles = [Role](repeating: .trainer, count: worldSize)
    }
}
