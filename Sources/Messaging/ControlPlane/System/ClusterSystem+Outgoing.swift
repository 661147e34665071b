package import Distributed
import Synchronization
import Transport
package import Wire

extension ClusterSystem {
    package func remoteCall<Act: DistributedActor, Err: Error, Res: WireCodable>(
        on actor: Act, target: RemoteCallTarget, invocation: inout InvocationEncoder, throwing: Err.Type,
        returning: Res.Type
    ) async throws -> Res where Act.ID == ActorAddress {
        let (callID, answer) = try await call(actor.id, target, invocation)
        do {
            guard answer.count == 1 else { throw WireError(.fieldCount, "\(answer.count) values in the answer") }
            return try Res(decoding: answer[0].bytes)
        } catch {
            throw ControlPlaneError(
                .badAnswer, "\(error)", target: "\(target)", peer: actor.id.node, callID: callID)
        }
    }

    package func remoteCallVoid<Act: DistributedActor, Err: Error>(
        on actor: Act, target: RemoteCallTarget, invocation: inout InvocationEncoder, throwing: Err.Type
    ) async throws where Act.ID == ActorAddress {
        _ = try await call(actor.id, target, invocation)
    }

    private func call(
        _ callee: ActorAddress, _ target: RemoteCallTarget, _ invocation: InvocationEncoder
    ) async throws -> (UInt64, [WireBytes]) {
        let deadline = Self.callDeadline ?? configuration.callDeadline
        let (envelope, isClosed) = state.withLock { state in
            state.lastCall += 1
            state.lastSequence += 1
            state.counters.callsSent += 1
            let envelope = ControlEnvelope(
                kind: .call, runID: state.runID, generation: state.generation, sequence: state.lastSequence,
                callID: state.lastCall,
                target: ControlTarget(
                    actor: callee.name, function: target.identifier, substitutions: invocation.substitutions),
                arguments: invocation.arguments, deadlineMilliseconds: deadline.milliseconds)
            return (envelope, state.isClosed)
        }
        let callID = envelope.callID
        guard !isClosed else {
            throw ControlPlaneError(
                .closed, "system shut down", target: "\(target)", peer: callee.node, callID: callID)
        }
        let answer = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                open(envelope, to: callee, "\(target)", deadline, continuation)
            }
        } onCancel: {
            fail(callID, .cancelled, "the caller was cancelled")
        }
        return (callID, answer)
    }

    /// Enters the call in the table, then sends it: in this order, so that no answer finds the table empty.
    private func open(
        _ envelope: ControlEnvelope, to callee: ActorAddress, _ target: String, _ deadline: Duration,
        _ continuation: CheckedContinuation<[WireBytes], any Error>
    ) {
        let callID = envelope.callID
        let clock = configuration.clock
        let timer = Task { [weak self] in
            do { try await clock.sleep(for: deadline) } catch { return }
            self?.expire(callID, after: deadline)
        }
        let call = PendingCall(continuation: continuation, peer: callee.node, target: target, timer: timer)
        state.withLock { $0.pending[callID] = call }
        // Cancellation or shutdown may have come before the table knew the call.
        if Task.isCancelled { fail(callID, .cancelled, "the caller was cancelled") }
        if state.withLock({ $0.isClosed }) { fail(callID, .closed, "system shut down") }
        do {
            try transport.send([Frame(envelope.encoded())], to: callee.node)
        } catch {
            fail(callID, .transport, "\(error)")
        }
    }

    private func expire(_ callID: UInt64, after deadline: Duration) {
        fail(callID, .timeout, "no answer within \(deadline)")
    }

    /// Ends an open call with an error; nothing happens when it is not open any more.
    func fail(_ callID: UInt64, _ code: ControlPlaneError.Code, _ message: String) {
        let call = state.withLock { state in
            let call = state.pending.removeValue(forKey: callID)
            if call != nil, code == .timeout { state.counters.timeouts += 1 }
            return call
        }
        if let call { call.finish(.failure(call.error(code, message, callID))) }
    }

    /// Ends all open calls to a peer with an error.
    func failCalls(to peer: String, _ code: ControlPlaneError.Code, _ message: String) {
        let open = state.withLock { $0.pending.filter { $0.value.peer == peer }.keys.sorted() }
        for callID in open { fail(callID, code, message) }
    }
}

extension Duration {
    /// Whole milliseconds, at least 0.
    fileprivate var milliseconds: Int {
        max(0, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
    }
}
