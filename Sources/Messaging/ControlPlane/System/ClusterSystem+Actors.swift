package import Distributed
import Synchronization
import Transport

extension ClusterSystem {
    package func assignID<Act: DistributedActor>(_ actorType: Act.Type) -> ActorAddress where Act.ID == ActorAddress {
        let name = state.withLock { state in
            let name =
                (actorType as? any WellKnownActor.Type)?.wellKnownName
                ?? "\(actorType)-\(state.assignedNames.count)"
            precondition(state.assignedNames.insert(name).inserted, "a process has one \(name)")
            return name
        }
        return ActorAddress(node: address, name: name)
    }

    package func actorReady<Act: DistributedActor>(_ actor: Act) where Act.ID == ActorAddress {
        state.withLock { if !$0.isClosed { $0.actors[actor.id.name] = actor } }
    }

    package func resignID(_ id: ActorAddress) {
        state.withLock { _ = $0.assignedNames.remove(id.name) }
    }

    /// The local actor of that address, or nil for one elsewhere, to whose process it prepares a connection.
    package func resolve<Act: DistributedActor>(id: ActorAddress, as actorType: Act.Type) throws -> Act?
    where Act.ID == ActorAddress {
        guard id.node == address else {
            try transport.connect(to: id.node)
            return nil
        }
        guard let actor = state.withLock({ $0.actors[id.name] }) as? Act else {
            throw ControlPlaneError(.rejected, "no such actor", target: id.name, peer: id.node, callID: 0)
        }
        return actor
    }

    package func makeInvocationEncoder() -> InvocationEncoder { InvocationEncoder() }
}
