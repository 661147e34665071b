import Wire

/// A call that waits for its answer.
struct PendingCall: Sendable {
    let continuation: CheckedContinuation<[WireBytes], any Error>
    let peer: String
    let target: String
    /// Ends the call at its deadline; cancelled when the answer comes first.
    let timer: Task<Void, Never>

    /// Resumes the caller. Only whoever has removed the call from the table may do this.
    func finish(_ outcome: Result<[WireBytes], any Error>) {
        timer.cancel()
        continuation.resume(with: outcome)
    }

    func error(
        _ code: ControlPlaneError.Code, _ message: String, _ callID: UInt64, remoteCode: String? = nil
    ) -> ControlPlaneError {
        ControlPlaneError(code, message, target: target, peer: peer, callID: callID, remoteCode: remoteCode)
    }
}
