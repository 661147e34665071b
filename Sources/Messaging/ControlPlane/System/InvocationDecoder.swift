import Distributed
package import Wire

/// Gives out the parts of one incoming call. Everything comes from the network, so everything is checked.
package struct InvocationDecoder: DistributedTargetInvocationDecoder {
    package typealias SerializationRequirement = any WireCodable

    private let substitutions: [String]
    private let arguments: [WireBytes]
    private var index = 0

    init(_ envelope: ControlEnvelope) {
        substitutions = envelope.target.substitutions
        arguments = envelope.arguments
    }

    package mutating func decodeGenericSubstitutions() throws -> [any Any.Type] {
        try substitutions.map { name in
            guard name.isMangledName, let type = _typeByName(name) else {
                throw WireError(.outOfRange, "a generic substitution that is no type of this program")
            }
            return type
        }
    }

    package mutating func decodeNextArgument<Argument: WireCodable>() throws -> Argument {
        guard index < arguments.count else {
            throw WireError(.fieldCount, "the call has \(arguments.count) arguments, the function takes more")
        }
        defer { index += 1 }
        return try Argument(decoding: arguments[index].bytes)
    }

    package mutating func decodeErrorType() throws -> (any Any.Type)? { nil }

    package mutating func decodeReturnType() throws -> (any Any.Type)? { nil }
}

extension String {
    /// Whether the text can only be a plain mangled name. Control characters inside one are pointers to the runtime's
    /// demangler, so nothing from the network with any other character may reach it.
    var isMangledName: Bool {
        utf8.count <= 1024 && !isEmpty && utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}
