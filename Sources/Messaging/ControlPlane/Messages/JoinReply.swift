package import Wire

/// Whether a worker was taken.
package struct JoinReply: WireCodable, Equatable {
    /// Whether a plan will follow.
    package var accepted: Bool
    /// One sentence: why not, or what it waits for.
    package var message: String

    package init(accepted: Bool, message: String) {
        self.accepted = accepted
        self.message = message
    }

    package func encode(into writer: inout WireWriter) {
        writer.message(version: 1, fields: 2)
        writer.encode(accepted)
        writer.encode(message)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.message("join reply", version: 1, fields: 2)
        accepted = try fields.decode()
        message = try fields.decode()
    }
}
