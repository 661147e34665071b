package import Wire

/// What one rank of a generation has to do.
package struct RunPlan: WireCodable, Equatable {
    /// The run.
    package var runID: RunID
    /// The rank of the receiver.
    package var rank: Int
    /// How many ranks there are.
    package var worldSize: Int
    /// The membership version, from 1.
    package var generation: Int
    /// Which program the rank runs.
    package var role: String
    /// Data endpoints by rank, the receiver's own among them.
    package var peers: [String]
    /// The resolved run file, YAML.
    package var configuration: String
    /// Where the run writes.
    package var runDirectory: String
    /// The checkpoint to begin with, if any.
    package var resumeFrom: String?

    package init(
        runID: RunID, rank: Int, worldSize: Int, generation: Int, role: String, peers: [String],
        configuration: String, runDirectory: String, resumeFrom: String? = nil
    ) {
        self.runID = runID
        self.rank = rank
        self.worldSize = worldSize
        self.generation = generation
        self.role = role
        self.peers = peers
        self.configuration = configuration
        self.runDirectory = runDirectory
        self.resumeFrom = resumeFrom
    }

    package func encode(into writer: inout WireWriter) {
        writer.message(version: 1, fields: 9)
        writer.encode(runID)
        writer.encode(rank)
        writer.encode(worldSize)
        writer.encode(generation)
        writer.encode(role)
        writer.encode(peers)
        writer.encode(configuration)
        writer.encode(runDirectory)
        writer.encode(resumeFrom)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.message("run plan", version: 1, fields: 9)
        runID = try fields.decode()
        rank = try fields.decode()
        worldSize = try fields.decode()
        generation = try fields.decode()
        role = try fields.decode()
        peers = try fields.decode()
        configuration = try fields.decode()
        runDirectory = try fields.decode()
        resumeFrom = try fields.decode()
    }
}
