package import Wire

/// Something that happened once: a checkpoint, an evaluation.
package struct RunEvent: WireCodable, Equatable {
    /// The rank it happened on.
    package var rank: Int
    /// The optimizer step at that time.
    package var step: Int
    /// What happened, such as `checkpoint`.
    package var name: String
    /// Paths, digests, counts.
    package var details: [String: String]

    package init(rank: Int, step: Int, name: String, details: [String: String]) {
        self.rank = rank
        self.step = step
        self.name = name
        self.details = details
    }

    package func encode(into writer: inout WireWriter) {
        writer.message(version: 1, fields: 4)
        writer.encode(rank)
        writer.encode(step)
        writer.encode(name)
        writer.encode(details)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.message("run event", version: 1, fields: 4)
        rank = try fields.decode()
        step = try fields.decode()
        name = try fields.decode()
        details = try fields.decode()
    }
}
