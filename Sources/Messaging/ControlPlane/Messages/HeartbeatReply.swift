package import Wire

/// What a worker shall do next.
package struct HeartbeatReply: WireCodable, Equatable {
    /// An order to one worker.
    package enum Directive: Sendable, Equatable, WireCodable {
        /// Go on.
        case none
        /// Finish the step, checkpoint, end.
        case stopAfterStep
        /// End now, for this reason.
        case abort(reason: String)

        package func encode(into writer: inout WireWriter) {
            switch self {
            case .none: ["none"].encode(into: &writer)
            case .stopAfterStep: ["stopAfterStep"].encode(into: &writer)
            case .abort(let reason): ["abort", reason].encode(into: &writer)
            }
        }

        package init(from reader: inout WireReader) throws(WireError) {
            let words = try reader.decode([String].self)
            switch (words.first, words.count) {
            case ("none", 1): self = .none
            case ("stopAfterStep", 1): self = .stopAfterStep
            case ("abort", 2): self = .abort(reason: words[1])
            default: throw WireError(.outOfRange, "\(words) is no directive")
            }
        }
    }

    /// The order.
    package var directive: Directive

    package init(directive: Directive) {
        self.directive = directive
    }

    package func encode(into writer: inout WireWriter) {
        writer.message(version: 1, fields: 1)
        writer.encode(directive)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.message("heartbeat reply", version: 1, fields: 1)
        directive = try fields.decode()
    }
}
