package import Wire

/// How one rank ended.
package struct RankOutcome: WireCodable, Equatable {
    /// The ways to end.
    package enum Status: String, WireEnum {
        /// All steps are done.
        case completed
        /// Ended early on request; can be resumed.
        case stopped
        case failed
    }

    /// The rank that ended.
    package var rank: Int
    /// The membership version it ended in.
    package var generation: Int
    /// The last step it completed.
    package var step: Int
    /// How it ended.
    package var status: Status
    /// One sentence for people; the error if it failed.
    package var message: String
    /// What its process exits with.
    package var exitCode: Int
    /// Its last metrics.
    package var values: [String: Double]
    /// Checksums that must agree between ranks, such as that of the parameters.
    package var digests: [String: String]

    package init(
        rank: Int, generation: Int, step: Int, status: Status, message: String, exitCode: Int,
        values: [String: Double], digests: [String: String]
    ) {
        self.rank = rank
        self.generation = generation
        self.step = step
        self.status = status
        self.message = message
        self.exitCode = exitCode
        self.values = values
        self.digests = digests
    }

    package func encode(into writer: inout WireWriter) {
        writer.message(version: 1, fields: 8)
        writer.encode(rank)
        writer.encode(generation)
        writer.encode(step)
        writer.encode(status)
        writer.encode(message)
        writer.encode(exitCode)
        writer.encode(values)
        writer.encode(digests)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.message("rank outcome", version: 1, fields: 8)
        rank = try fields.decode()
        generation = try fields.decode()
        step = try fields.decode()
        status = try fields.decode()
        message = try fields.decode()
        exitCode = try fields.decode()
        values = try fields.decode()
        digests = try fields.decode()
    }
}
