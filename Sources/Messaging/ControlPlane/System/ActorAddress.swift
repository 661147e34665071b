/// Where a distributed actor lives: the identity that travels, and the only thing needed to call it.
package struct ActorAddress: Hashable, Sendable, CustomStringConvertible {
    /// The control endpoint of its process.
    package var node: String
    /// Its name within that process.
    package var name: String

    package init(node: String, name: String) {
        self.node = node
        self.name = name
    }

    package var description: String { "\(name)@\(node)" }
}

/// A distributed actor of which a process has exactly one, under a name that every peer knows.
package protocol WellKnownActor {
    static var wellKnownName: String { get }
}
