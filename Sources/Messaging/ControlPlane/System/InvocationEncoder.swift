package import Distributed
package import Wire

/// Collects the parts of one outgoing call.
package struct InvocationEncoder: DistributedTargetInvocationEncoder {
    package typealias SerializationRequirement = any WireCodable

    private(set) var substitutions: [String] = []
    private(set) var arguments: [WireBytes] = []

    init() {}

    package mutating func recordGenericSubstitution<T>(_ type: T.Type) throws {
        guard let name = _mangledTypeName(type) else {
            throw WireError(.typeMismatch, "\(type) has no name to send")
        }
        substitutions.append(name)
    }

    package mutating func recordArgument<Value: WireCodable>(_ argument: RemoteCallArgument<Value>) throws {
        arguments.append(WireBytes(argument.value.encoded()))
    }

    // The other side answers a failure with code and message, whatever the types are.
    package mutating func recordErrorType<E: Error>(_ type: E.Type) throws {}

    package mutating func recordReturnType<R: WireCodable>(_ type: R.Type) throws {}

    package mutating func doneRecording() throws {}
}
