import Glibc
import Synchronization
package import Transport

/// What goes wrong with one outgoing message.
package enum Fault: Sendable {
    case none
    /// The message never arrives.
    case drop
    /// The message arrives later than those behind it.
    case delay(milliseconds: Int)
    /// The message arrives twice.
    case duplicate
    /// One bit of the last frame arrives changed.
    case flipBit
    /// One bit of the first frame arrives changed.
    case flipHeaderBit
    /// Nothing arrives any more, from this message on.
    case cut
}

/// A transport whose outgoing messages suffer faults as scripted. Frames are copied first, because a delayed message
/// outlives its sender's interest in the bytes.
package final class FaultyTransport: Transport {
    private struct State {
        var sent = 0
        var isCut = false
        /// Messages that are still on their way.
        var delayed = 0
        var closing: (@Sendable () -> Void)?
    }

    private let inner: any Transport
    private let script: @Sendable (_ message: Int) -> Fault
    private let state = Mutex(State())

    /// - Parameter script: the fault of each outgoing message, numbered from 0.
    package init(_ inner: any Transport, script: @escaping @Sendable (_ message: Int) -> Fault) {
        self.inner = inner
        self.script = script
    }

    package var localName: PeerName { inner.localName }

    package var counters: TransportCounters { inner.counters }

    package func bind(_ endpoint: String) throws(TransportError) -> String { try inner.bind(endpoint) }

    package func connect(to peer: PeerName) throws(TransportError) { try inner.connect(to: peer) }

    package func start(_ handler: @escaping @Sendable (TransportEvent) -> Void) { inner.start(handler) }

    /// What is delayed arrives before the connections end, as it would if the network were slow.
    package func close(flush: Duration, completion: @escaping @Sendable () -> Void) {
        let close: @Sendable () -> Void = { [inner] in inner.close(flush: flush, completion: completion) }
        let isIdle = state.withLock { state in
            if state.delayed > 0 { state.closing = close }
            return state.delayed == 0
        }
        if isIdle { close() }
    }

    package func send(_ frames: [Frame], to peer: PeerName) throws(TransportError) {
        let fault = state.withLock { state -> Fault in
            defer { state.sent += 1 }
            let fault = script(state.sent)
            if case .cut = fault { state.isCut = true }
            return state.isCut ? .drop : fault
        }
        let copies = frames.map { Frame($0.array()) }
        switch fault {
        case .none: try inner.send(copies, to: peer)
        case .drop, .cut: return
        case .delay(let milliseconds):
            state.withLock { $0.delayed += 1 }
            PlatformThread.start(named: "delay") { [self] in
                usleep(UInt32(milliseconds) * 1000)
                // Refused only by a transport that was closed before, which is as good as a message lost.
                try? inner.send(copies, to: peer)
                let close = state.withLock { state in
                    state.delayed -= 1
                    return state.delayed == 0 ? state.closing : nil
                }
                close?()
            }
        case .duplicate:
            try inner.send(copies, to: peer)
            try inner.send(copies, to: peer)
        case .flipBit: try inner.send(flipped(copies, at: copies.count - 1), to: peer)
        case .flipHeaderBit: try inner.send(flipped(copies, at: 0), to: peer)
        }
    }

    private func flipped(_ frames: [Frame], at index: Int) -> [Frame] {
        var frames = frames
        var bytes = frames[index].array()
        if !bytes.isEmpty { bytes[bytes.count / 2] ^= 0x10 }
        frames[index] = Frame(bytes)
        return frames
    }
}
