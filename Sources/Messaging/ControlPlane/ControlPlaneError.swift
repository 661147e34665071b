/// Why a distributed call did not return a value.
package struct ControlPlaneError: Error, Equatable, CustomStringConvertible {
    /// The kind of fault; its name fits a metric label.
    package enum Code: String, Sendable {
        /// No answer came before the call's deadline.
        case timeout
        /// The peer went away while the call was open.
        case disconnected
        /// The callee ran and threw; `remoteCode` is the name of its error's type.
        case remote
        /// The peer has no actor of that name, or the actor no such function, or the arguments did not fit.
        case rejected
        /// The message could not be handed to the transport.
        case transport
        /// The caller's task was cancelled.
        case cancelled
        /// The actor system has been shut down.
        case closed
        /// The answer was not what the function returns.
        case badAnswer
    }

    /// The kind of fault.
    package let code: Code
    /// What happened, for people.
    package let message: String
    /// The distributed function that was called, readable.
    package let target: String
    /// The process that was called.
    package let peer: String
    /// The call's number in the calling process.
    package let callID: UInt64
    /// For `.remote`: the type of the error that the callee threw.
    package let remoteCode: String?

    package init(
        _ code: Code, _ message: String, target: String, peer: String, callID: UInt64, remoteCode: String? = nil
    ) {
        self.code = code
        self.message = message
        self.target = target
        self.peer = peer
        self.callID = callID
        self.remoteCode = remoteCode
    }

    package var description: String {
        let remote = remoteCode.map { " \($0)" } ?? ""
        return "call \(callID) of \(target) at \(peer) \(code.rawValue)\(remote): \(message)"
    }
}
