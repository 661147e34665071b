private import CZeroMQ
private import Synchronization

extension ZeroMQSocket {
    private static let monitors = Atomic<Int>(0)

    /// Lets `monitor`, a pair socket, hear when this socket's connection comes and goes.
    func watch(with monitor: ZeroMQSocket) throws(TransportError) {
        let number = Self.monitors.wrappingAdd(1, ordering: .relaxed).newValue
        let endpoint = "inproc://monitor-\(number)"
        let events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED
        guard unsafe zmq_socket_monitor(handle, endpoint, events) == 0 else {
            throw TransportError(.system, "no monitor: \(Self.lastError())", endpoint: endpoint)
        }
        try monitor.connect(endpoint)
    }

    func stopWatching() {
        unsafe zmq_socket_monitor(handle, nil, 0)
    }

    /// The event that a monitor's message tells of: its first frame is a 16-bit event and a 32-bit value.
    static func event(of notice: [Frame]) -> Int32 {
        guard let first = notice.first, first.count == 6 else { return 0 }
        return unsafe first.withBytes { unsafe Int32($0.loadUnaligned(as: UInt16.self)) }
    }
}
