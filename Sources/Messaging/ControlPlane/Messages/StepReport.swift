package import Wire

/// What one rank measured in one step.
package struct StepReport: WireCodable, Equatable {
    /// The reporting rank.
    package var rank: Int
    /// The membership version the step was made in.
    package var generation: Int
    /// The optimizer step.
    package var step: Int
    /// Metric names and their values.
    package var values: [String: Double]

    package init(rank: Int, generation: Int, step: Int, values: [String: Double]) {
        self.rank = rank
        self.generation = generation
        self.step = step
        self.values = values
    }

    package func encode(into writer: inout WireWriter) {
        writer.message(version: 1, fields: 4)
        writer.encode(rank)
        writer.encode(generation)
        writer.encode(step)
        writer.encode(values)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.message("step report", version: 1, fields: 4)
        rank = try fields.decode()
        generation = try fields.decode()
        step = try fields.decode()
        values = try fields.decode()
    }
}
