package import Wire

/// A worker is alive, and where it is.
package struct Heartbeat: WireCodable, Equatable {
    /// The worker.
    package var nodeID: NodeID
    /// Its rank; -1 before it has one.
    package var rank: Int
    /// The membership version it acts in; 0 before it has one.
    package var generation: Int
    /// The optimizer step it works on.
    package var step: Int
    /// What it is doing, for people: `forward`, `all-reduce`, `checkpoint`.
    package var phase: String

    package init(nodeID: NodeID, rank: Int, generation: Int, step: Int, phase: String) {
        self.nodeID = nodeID
        self.rank = rank
        self.generation = generation
        self.step = step
        self.phase = phase
    }

    package func encode(into writer: inout WireWriter) {
        writer.message(version: 1, fields: 5)
        writer.encode(nodeID)
        writer.encode(rank)
        writer.encode(generation)
        writer.encode(step)
        writer.encode(phase)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.message("heartbeat", version: 1, fields: 5)
        nodeID = try fields.decode()
        rank = try fields.decode()
        generation = try fields.decode()
        step = try fields.decode()
        phase = try fields.decode()
    }
}
