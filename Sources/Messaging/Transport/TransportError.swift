/// Why a transport could not do what was asked; the message names the endpoint or peer.
package struct TransportError: Error, Equatable, CustomStringConvertible {
    /// The kind of fault; its name fits a metric label.
    package enum Code: String, Sendable {
        /// The endpoint's text is none this transport understands.
        case badEndpoint
        /// Another socket already listens there.
        case addressInUse
        /// The transport was closed.
        case closed
        /// Bound twice, or bound after connecting.
        case wrongOrder
        /// The system or library refused; the message has its words.
        case system
    }

    /// The kind of fault.
    package let code: Code
    /// What happened, for people.
    package let message: String
    /// The endpoint or peer concerned.
    package let endpoint: String

    package init(_ code: Code, _ message: String, endpoint: String) {
        self.code = code
        self.message = message
        self.endpoint = endpoint
    }

    package var description: String { "\(endpoint): \(message)" }
}
