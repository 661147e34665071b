private import CZeroMQ
private import Glibc

/// One ZeroMQ socket. Created, used and closed on one thread.
@safe final class ZeroMQSocket {
    /// The socket kinds this transport is made of.
    enum Kind {
        /// The listening side: knows its peers by name.
        case router
        /// The calling side: one per peer.
        case dealer
        /// Reads what the library tells about another socket.
        case pair
    }

    /// More frames than this in one message are no message of ours.
    static let maximumFrames = 8

    let handle: UnsafeMutableRawPointer

    init(_ kind: Kind, in context: UnsafeMutableRawPointer, endpoint: String) throws(TransportError) {
        let type =
            switch kind {
            case .router: ZMQ_ROUTER
            case .dealer: ZMQ_DEALER
            case .pair: ZMQ_PAIR
            }
        guard let handle = unsafe zmq_socket(context, type) else {
            throw TransportError(.system, "no socket: \(Self.lastError())", endpoint: endpoint)
        }
        unsafe self.handle = handle
    }

    /// Messages not sent yet get `linger` milliseconds after this.
    func close(linger: Int32) {
        set(ZMQ_LINGER, linger)
        unsafe zmq_close(handle)
    }

    func set(_ option: Int32, _ value: Int32) {
        var value = value
        unsafe zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size)
    }

    func set(_ option: Int32, _ value: Int64) {
        var value = value
        unsafe zmq_setsockopt(handle, option, &value, MemoryLayout<Int64>.size)
    }

    func set(_ option: Int32, _ value: String) {
        var text = value
        text.withUTF8 { unsafe _ = zmq_setsockopt(handle, option, $0.baseAddress, $0.count) }
    }

    func bind(_ endpoint: String) throws(TransportError) {
        guard unsafe zmq_bind(handle, endpoint) != 0 else { return }
        throw Self.endpointError(endpoint, "cannot listen")
    }

    func connect(_ endpoint: String) throws(TransportError) {
        guard unsafe zmq_connect(handle, endpoint) != 0 else { return }
        throw Self.endpointError(endpoint, "cannot connect")
    }

    /// The endpoint of the last `bind`, wildcards resolved.
    var lastEndpoint: String {
        unsafe withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
            var count = buffer.count
            guard unsafe zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, buffer.baseAddress, &count) == 0, count > 0 else {
                return ""
            }
            return unsafe String(decoding: buffer[..<(count - 1)], as: UTF8.self)
        }
    }

    /// Sends all frames as one message, or nothing; returns why not.
    func send(_ frames: [Frame], to name: PeerName?) -> String? {
        if let name {
            var text = name
            let sent = text.withUTF8 {
                unsafe zmq_send(handle, $0.baseAddress, $0.count, ZMQ_DONTWAIT | ZMQ_SNDMORE)
            }
            guard sent >= 0 else { return Self.lastError() }
        }
        for (index, frame) in frames.enumerated() {
            var message = zmq_msg_t()
            unsafe frame.fill(&message)
            let flags = ZMQ_DONTWAIT | (index + 1 < frames.count ? ZMQ_SNDMORE : 0)
            guard unsafe zmq_msg_send(&message, handle, flags) < 0 else { continue }
            defer { unsafe zmq_msg_close(&message) }
            return Self.lastError()
        }
        return nil
    }

    /// The next message if one is there, its frames in order; nil when there is none.
    /// A message of too many frames comes back empty.
    func receive() -> [Frame]? {
        var frames: [Frame] = []
        var count = 0
        while true {
            let message = ZeroMQMessage()
            guard unsafe zmq_msg_recv(message.pointer, handle, ZMQ_DONTWAIT) >= 0 else { return nil }
            count += 1
            if count <= Self.maximumFrames { frames.append(message.frame) }
            guard unsafe zmq_msg_more(message.pointer) != 0 else { break }
        }
        return count <= Self.maximumFrames ? frames : []
    }

    /// The library's words for the calling thread's last error.
    static func lastError() -> String {
        unsafe String(cString: zmq_strerror(zmq_errno()))
    }

    private static func endpointError(_ endpoint: String, _ what: String) -> TransportError {
        let number = zmq_errno()
        let code: TransportError.Code =
            switch number {
            case EADDRINUSE: .addressInUse
            case EINVAL, EPROTONOSUPPORT, ENODEV, ENOENT, ENAMETOOLONG, ENOCOMPATPROTO: .badEndpoint
            default: .system
            }
        return TransportError(code, "\(what): \(lastError())", endpoint: endpoint)
    }
}
