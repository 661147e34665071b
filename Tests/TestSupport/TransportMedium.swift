package import Transport

/// The media that every law about transports must hold for.
package enum TransportMedium: String, CaseIterable, Sendable, CustomStringConvertible {
    case inProcess
    case zeroMQInproc
    case zeroMQIPC
    case zeroMQTCP

    package var description: String { rawValue }

    /// An endpoint whose free parts the medium fills in.
    package var wildcard: String {
        switch self {
        case .inProcess: "local://*"
        case .zeroMQInproc: "inproc://*"
        case .zeroMQIPC: "ipc://*"
        case .zeroMQTCP: "tcp://127.0.0.1:*"
        }
    }

    /// Whether a transport hears when a peer it connected to goes away.
    package var seesDisconnection: Bool { self != .zeroMQInproc }

    /// A maker of transports that can reach each other.
    package func makeFactory() -> @Sendable () -> any Transport {
        switch self {
        case .inProcess:
            let network = InProcessNetwork()
            return { network.makeTransport() }
        case .zeroMQInproc:
            let context = ZeroMQContext()
            return { ZeroMQTransport(context: context) }
        case .zeroMQIPC, .zeroMQTCP:
            return { ZeroMQTransport() }
        }
    }
}
