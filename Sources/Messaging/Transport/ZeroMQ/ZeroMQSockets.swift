private import CZeroMQ
private import Glibc

/// The sockets of one transport and what is known about their peers. Lives on its `SocketThread` alone.
///
/// One ROUTER listens; one DEALER per peer calls out, under the name this side listens at, so that the ROUTER at the other
/// end knows its callers by the same names that its own DEALERs use.
@safe final class ZeroMQSockets {
    /// What a poll item stands for.
    private enum Source {
        case router(ZeroMQSocket)
        case dealer(PeerName, ZeroMQSocket)
        case monitor(PeerName, ZeroMQSocket)
    }

    /// Messages taken from one socket before the others get their turn.
    private static let batch = 64

    private let context: ZeroMQContext
    private let handle: UnsafeMutableRawPointer
    private let configuration: ZeroMQConfiguration
    private let meter: TransportMeter
    private var name: PeerName
    private var router: ZeroMQSocket?
    private var dealers: [PeerName: (socket: ZeroMQSocket, monitor: ZeroMQSocket)] = [:]
    private var handler: (@Sendable (TransportEvent) -> Void)?
    private var completions: [@Sendable () -> Void] = []
    /// One poll item per source, behind that of the wake descriptor; rebuilt when the sockets change.
    private var sources: [Source] = []
    private var items: [zmq_pollitem_t] = unsafe []
    private(set) var isClosed = false
    private var isFinished = false

    init(context: ZeroMQContext, configuration: ZeroMQConfiguration, meter: TransportMeter, name: PeerName) {
        self.context = context
        unsafe handle = context.enter()
        self.configuration = configuration
        self.meter = meter
        self.name = name
    }

    // MARK: Commands

    /// Listens; returns the name that peers connect to.
    func bind(_ endpoint: String) -> Result<PeerName, TransportError> {
        guard !isClosed else { return .failure(TransportError(.closed, "closed", endpoint: endpoint)) }
        guard router == nil, dealers.isEmpty else {
            return .failure(TransportError(.wrongOrder, "bind is called once and before connect", endpoint: endpoint))
        }
        do throws(TransportError) {
            let socket = try unsafe ZeroMQSocket(.router, in: handle, endpoint: endpoint)
            // Without it a message to a peer that has gone vanishes in silence.
            socket.set(ZMQ_ROUTER_MANDATORY, Int32(1))
            // A peer that reconnects takes its name over from its dead connection.
            socket.set(ZMQ_ROUTER_HANDOVER, Int32(1))
            configure(socket)
            do throws(TransportError) {
                try socket.bind(endpoint)
            } catch {
                socket.close(linger: 0)
                throw error
            }
            router = socket
            name = advertised(socket.lastEndpoint)
            rebuild()
            return .success(name)
        } catch {
            return .failure(error)
        }
    }

    /// Prepares the connection to a peer; the library keeps trying until it is there.
    func connect(to peer: PeerName) -> TransportError? {
        guard !isClosed else { return TransportError(.closed, "closed", endpoint: peer) }
        guard dealers[peer] == nil else { return nil }
        do throws(TransportError) {
            let socket = try unsafe ZeroMQSocket(.dealer, in: handle, endpoint: peer)
            let monitor = try unsafe ZeroMQSocket(.pair, in: handle, endpoint: peer)
            socket.set(ZMQ_ROUTING_ID, name)
            socket.set(ZMQ_RECONNECT_IVL, Int32(50))
            socket.set(ZMQ_RECONNECT_IVL_MAX, Int32(1000))
            configure(socket)
            do throws(TransportError) {
                try socket.watch(with: monitor)
                try socket.connect(peer)
            } catch {
                socket.close(linger: 0)
                monitor.close(linger: 0)
                throw error
            }
            dealers[peer] = (socket, monitor)
            rebuild()
            return nil
        } catch {
            return error
        }
    }

    func send(_ frames: [Frame], to peer: PeerName) {
        let failure: String?
        if isClosed {
            failure = "closed"
        } else if let dealer = dealers[peer] {
            failure = dealer.socket.send(frames, to: nil)
        } else if let router {
            failure = router.send(frames, to: peer)
        } else {
            failure = "not connected"
        }
        guard let failure else { return }
        meter.update { $0.messagesDropped += 1 }
        handler?(.undeliverable(to: peer, reason: failure))
    }

    /// Begins to take messages in.
    func start(_ handler: @escaping @Sendable (TransportEvent) -> Void) {
        precondition(self.handler == nil, "a transport is started once")
        self.handler = handler
        rebuild()
    }

    /// Closes all sockets; `completion` runs when the context has let go of them.
    func close(lingerMilliseconds: Int32, completion: @escaping @Sendable () -> Void) {
        guard !isFinished else { return completion() }
        completions.append(completion)
        guard !isClosed else { return }
        isClosed = true
        router?.close(linger: lingerMilliseconds)
        for dealer in dealers.values {
            dealer.socket.stopWatching()
            dealer.monitor.close(linger: 0)
            dealer.socket.close(linger: lingerMilliseconds)
        }
        router = nil
        dealers = [:]
        sources = []
        handler = nil
    }

    /// Lets go of the context; after this only refusals are left.
    func finish() {
        context.leave()
        isFinished = true
        for completion in completions { completion() }
    }

    // MARK: Events

    /// Waits for the wake descriptor or any socket, and takes in what has come.
    func poll(wake descriptor: Int32) {
        if unsafe items.isEmpty { rebuild() }
        unsafe items[0].fd = descriptor
        let ready = unsafe items.withUnsafeMutableBufferPointer { unsafe zmq_poll($0.baseAddress, Int32($0.count), -1) }
        guard ready > 0 else { return }
        for (index, source) in sources.enumerated() where unsafe items[index + 1].revents != 0 {
            switch source {
            case .router(let socket): takeMessages(from: socket, peer: nil)
            case .dealer(let peer, let socket): takeMessages(from: socket, peer: peer)
            case .monitor(let peer, let socket): takeNotices(from: socket, peer: peer)
            }
        }
    }

    private func takeMessages(from socket: ZeroMQSocket, peer: PeerName?) {
        for _ in 0..<Self.batch {
            guard var frames = socket.receive() else { return }
            guard let sender = peer ?? frames.first.map({ String(decoding: $0.array(), as: UTF8.self) }) else {
                meter.update { $0.messagesDropped += 1 }
                continue
            }
            if peer == nil { frames.removeFirst() }
            meter.update {
                $0.messagesReceived += 1
                $0.bytesReceived += frames.reduce(0) { $0 + $1.count }
            }
            handler?(.message(from: sender, frames: frames))
        }
    }

    private func takeNotices(from socket: ZeroMQSocket, peer: PeerName) {
        while let notice = socket.receive() {
            switch ZeroMQSocket.event(of: notice) {
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: handler?(.connected(peer))
            case ZMQ_EVENT_DISCONNECTED: handler?(.disconnected(peer))
            default: break
            }
        }
    }

    // MARK: Helpers

    private func configure(_ socket: ZeroMQSocket) {
        // No limit on what waits for sending: senders bound that by their own windows, and the thread must not block.
        socket.set(ZMQ_SNDHWM, Int32(0))
        socket.set(ZMQ_MAXMSGSIZE, Int64(configuration.maximumFrameBytes))
        socket.set(ZMQ_LINGER, Int32(0))
    }

    /// The endpoint as others have to write it.
    private func advertised(_ endpoint: String) -> PeerName {
        guard let host = configuration.advertisedHost, endpoint.hasPrefix("tcp://"),
            let colon = endpoint.lastIndex(of: ":")
        else { return endpoint }
        return "tcp://\(host)\(endpoint[colon...])"
    }

    /// Before there is a handler only notices are polled for nothing: messages wait in the library.
    private func rebuild() {
        sources = []
        if handler != nil {
            if let router { sources.append(.router(router)) }
            for (peer, dealer) in dealers {
                sources.append(.dealer(peer, dealer.socket))
                sources.append(.monitor(peer, dealer.monitor))
            }
        }
        let events = Int16(ZMQ_POLLIN)
        unsafe items = [zmq_pollitem_t(socket: nil, fd: -1, events: events, revents: 0)]
        for source in sources {
            let socket =
                switch source {
                case .router(let socket), .dealer(_, let socket), .monitor(_, let socket): socket
                }
            unsafe items.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: events, revents: 0))
        }
    }
}
