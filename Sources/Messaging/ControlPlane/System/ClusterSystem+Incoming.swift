import Distributed
import Logging
import Synchronization
import Transport
import Wire

extension ClusterSystem {
    /// Sorts one message; runs on the transport's thread, so it only decodes and hands over.
    func receive(_ frames: [Frame], from peer: PeerName) {
        let envelope: ControlEnvelope
        do {
            guard frames.count == 1 else { throw WireError(.malformed, "\(frames.count) frames") }
            guard frames[0].count <= WireLimits.controlBytes else {
                throw WireError(.tooLarge, "\(frames[0].count) bytes")
            }
            envelope = try ControlEnvelope(decoding: frames[0].array())
        } catch {
            state.withLock { $0.counters.malformedDropped += 1 }
            configuration.logger.debug("malformed message dropped", metadata: ["peer": "\(peer)", "error": "\(error)"])
            return
        }
        switch envelope.kind {
        case .call: accept(envelope, from: peer)
        case .result: finish(envelope) { _ in .success(envelope.arguments) }
        case .failure: finish(envelope) { call in .failure(Self.failure(envelope, of: call)) }
        }
    }

    /// Starts a call in a task of its own, unless it comes from another run or an earlier generation.
    private func accept(_ envelope: ControlEnvelope, from peer: PeerName) {
        state.withLock { state in
            guard !state.isClosed else { return }
            let isForeign = state.runID != .none && envelope.runID != .none && envelope.runID != state.runID
            let isPast = envelope.generation > 0 && envelope.generation < state.generation
            guard !isForeign, !isPast else {
                state.counters.staleDropped += 1
                return
            }
            state.counters.callsReceived += 1
            state.lastTask += 1
            let number = state.lastTask
            state.running[number] = Task { [weak self] in
                await self?.execute(envelope, from: peer)
                self?.state.withLock { $0.running[number] = nil }
            }
        }
    }

    private func execute(_ envelope: ControlEnvelope, from peer: PeerName) async {
        do {
            guard envelope.target.function.isMangledName else {
                throw WireError(.outOfRange, "the function's name is no mangled name")
            }
            guard let actor = state.withLock({ $0.actors[envelope.target.actor] }) else {
                throw WireError(.outOfRange, "no actor \"\(envelope.target.actor)\" here")
            }
            var decoder = InvocationDecoder(envelope)
            let handler = CallResultHandler(system: self, caller: peer, callID: envelope.callID)
            try await run(actor, envelope.target.function, &decoder, handler)
        } catch {
            let parts = ["rejected", "\(type(of: error))", "\(error)"]
            answer(.failure, parts.map { WireBytes($0.encoded()) }, to: peer, callID: envelope.callID)
        }
    }

    private func run(
        _ actor: any DistributedActor, _ function: String, _ decoder: inout InvocationDecoder,
        _ handler: CallResultHandler
    ) async throws {
        func opened<Act: DistributedActor>(_ actor: Act) async throws {
            try await executeDistributedTarget(
                on: actor, target: RemoteCallTarget(function), invocationDecoder: &decoder, handler: handler)
        }
        try await opened(actor)
    }

    /// Sends an answer; an answer that cannot be sent is the caller's timeout.
    func answer(_ kind: ControlEnvelope.Kind, _ arguments: [WireBytes], to peer: PeerName, callID: UInt64) {
        let envelope = state.withLock { state in
            state.lastSequence += 1
            return ControlEnvelope(
                kind: kind, runID: state.runID, generation: state.generation, sequence: state.lastSequence,
                callID: callID, arguments: arguments)
        }
        do {
            try transport.send([Frame(envelope.encoded())], to: peer)
        } catch {
            configuration.logger.debug("answer not sent", metadata: ["peer": "\(peer)", "error": "\(error)"])
        }
    }

    private func finish(
        _ envelope: ControlEnvelope, _ outcome: (PendingCall) -> Result<[WireBytes], any Error>
    ) {
        let call = state.withLock { state in
            let call = state.pending.removeValue(forKey: envelope.callID)
            if call == nil { state.counters.lateAnswers += 1 }
            return call
        }
        if let call { call.finish(outcome(call)) }
    }

    /// The error that a failure envelope describes.
    private static func failure(_ envelope: ControlEnvelope, of call: PendingCall) -> ControlPlaneError {
        let parts = envelope.arguments.compactMap { try? String(decoding: $0.bytes) }
        guard parts.count == 3 else { return call.error(.badAnswer, "a failure without words", envelope.callID) }
        let code: ControlPlaneError.Code = parts[0] == "remote" ? .remote : .rejected
        return call.error(code, parts[2], envelope.callID, remoteCode: parts[1])
    }
}
