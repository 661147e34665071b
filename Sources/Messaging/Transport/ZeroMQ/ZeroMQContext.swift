private import CZeroMQ
private import Glibc
private import Synchronization

/// A ZeroMQ context: the library's own I/O threads, and the name space of its `inproc` endpoints.
///
/// Transports that talk over `inproc` share one; otherwise each has its own. It comes to life with its first open
/// transport and is terminated with the last, which waits until the library has let go of every frame.
@safe package final class ZeroMQContext: @unchecked Sendable {
    private struct State {
        var handle: UInt?
        var users = 0
    }

    private let ioThreads: Int32
    private let state = Mutex(State())

    /// - Parameter ioThreads: threads that move bytes between sockets and the kernel.
    package init(ioThreads: Int = 1) {
        self.ioThreads = Int32(ioThreads)
    }

    /// Counts one more transport; returns the library's handle, valid until that transport leaves.
    func enter() -> UnsafeMutableRawPointer {
        let bits = state.withLock { state in
            state.users += 1
            if let bits = state.handle { return bits }
            guard let created = unsafe zmq_ctx_new() else { preconditionFailure("no memory for a ZeroMQ context") }
            unsafe zmq_ctx_set(created, ZMQ_IO_THREADS, ioThreads)
            let bits = UInt(bitPattern: created)
            state.handle = bits
            return bits
        }
        guard let handle = unsafe UnsafeMutableRawPointer(bitPattern: bits) else {
            preconditionFailure("a ZeroMQ context at address 0")
        }
        return unsafe handle
    }

    /// Counts one transport less, whose sockets are closed; the last one waits for their linger time and terminates.
    func leave() {
        let last = state.withLock { state -> UInt? in
            state.users -= 1
            guard state.users == 0 else { return nil }
            defer { state.handle = nil }
            return state.handle
        }
        guard let last else { return }
        let handle = unsafe UnsafeMutableRawPointer(bitPattern: last)
        while unsafe zmq_ctx_term(handle) != 0 && zmq_errno() == EINTR {}
    }
}
