import Distributed
package import Wire

/// Sends the outcome of one incoming call back to its caller.
package struct CallResultHandler: DistributedTargetInvocationResultHandler {
    package typealias SerializationRequirement = any WireCodable

    let system: ClusterSystem
    let caller: String
    let callID: UInt64

    package func onReturn<Success: WireCodable>(value: Success) async throws {
        system.answer(.result, [WireBytes(value.encoded())], to: caller, callID: callID)
    }

    package func onReturnVoid() async throws {
        system.answer(.result, [], to: caller, callID: callID)
    }

    package func onThrow<Err: Error>(error: Err) async throws {
        system.answer(
            .failure,
            [
                WireBytes("remote".encoded()), WireBytes("\(type(of: error as any Error))".encoded()),
                WireBytes("\(error)".encoded()),
            ],
            to: caller, callID: callID)
    }
}
