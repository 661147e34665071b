/// One control message: a call of a distributed function, or the answer to one.
///
/// On the wire an array `[version, kind, run id, generation, sequence, call id, target, arguments, deadline]`, followed by
/// nothing. The field order is part of the protocol.
package struct ControlEnvelope: WireCodable, Equatable {
    /// What the message is.
    package enum Kind: String, WireEnum {
        /// A call; `arguments` are generic substitutions and encoded arguments.
        case call
        /// The value a call returned, alone in `arguments`; nothing for a call without a result.
        case result
        /// The error a call threw: code and message in `arguments`.
        case failure
    }

    /// What the message is.
    package var kind: Kind
    /// `RunID.none` until the sender belongs to a run.
    package var runID: RunID
    /// The membership version the sender acts in; 0 until it has one.
    package var generation: Int
    /// Counts the sender's messages.
    package var sequence: UInt64
    /// Joins an answer to its call.
    package var callID: UInt64
    /// The actor and the distributed function that is called: `name` and the mangled function; empty in answers.
    package var target: ControlTarget
    package var arguments: [WireBytes]
    /// How long the caller waits for the answer, milliseconds; 0 in answers.
    package var deadlineMilliseconds: Int

    package init(
        kind: Kind, runID: RunID, generation: Int, sequence: UInt64, callID: UInt64, target: ControlTarget = .none,
        arguments: [WireBytes], deadlineMilliseconds: Int = 0
    ) {
        self.kind = kind
        self.runID = runID
        self.generation = generation
        self.sequence = sequence
        self.callID = callID
        self.target = target
        self.arguments = arguments
        self.deadlineMilliseconds = deadlineMilliseconds
    }

    package func encode(into writer: inout WireWriter) {
        writer.message(version: WireLimits.protocolVersion, fields: 8)
        writer.encode(kind)
        writer.encode(runID)
        writer.encode(generation)
        writer.encode(sequence)
        writer.encode(callID)
        writer.encode(target)
        writer.encode(arguments)
        writer.encode(deadlineMilliseconds)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.message("control envelope", version: WireLimits.protocolVersion, fields: 8)
        kind = try fields.decode()
        runID = try fields.decode()
        generation = try fields.decode()
        sequence = try fields.decode()
        callID = try fields.decode()
        target = try fields.decode()
        arguments = try fields.decode()
        deadlineMilliseconds = try fields.decode()
        guard generation >= 0, deadlineMilliseconds >= 0 else {
            throw WireError(.outOfRange, "generation \(generation), deadline \(deadlineMilliseconds) ms")
        }
    }
}

/// Which distributed function of which actor a call is for.
package struct ControlTarget: WireCodable, Hashable {
    /// The actor's name within its process.
    package var actor: String
    /// The mangled name of the distributed function.
    package var function: String
    /// Mangled names of the generic substitutions of the call.
    package var substitutions: [String]

    /// No target: what an answer carries.
    package static let none = ControlTarget(actor: "", function: "")

    package init(actor: String, function: String, substitutions: [String] = []) {
        self.actor = actor
        self.function = function
        self.substitutions = substitutions
    }

    package func encode(into writer: inout WireWriter) {
        writer.array(count: 3)
        writer.encode(actor)
        writer.encode(function)
        writer.encode(substitutions)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.array("control target")
        actor = try fields.decode()
        function = try fields.decode()
        substitutions = try fields.decode()
        try fields.finish()
    }
}
