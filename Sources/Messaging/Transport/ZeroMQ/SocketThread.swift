private import CLinux
private import Glibc
private import Synchronization

/// One thread that owns a set of sockets for their whole life. Others hand it commands; an event counter in its poll set
/// wakes it for them.
final class SocketThread: Sendable {
    typealias Command = @Sendable (ZeroMQSockets) -> Void

    private struct Queue {
        var commands: [Command] = []
        /// Whether the thread has been woken since it last took commands.
        var isSignalled = false
        var isEnded = false
    }

    private let queue = Mutex(Queue())
    private let eventDescriptor: Int32
    private let threadID = Mutex<Int32?>(nil)

    /// Starts the thread with the sockets that `make` creates on it; it runs until a command ends them.
    init(named name: String, _ make: @escaping @Sendable () -> ZeroMQSockets) {
        let descriptor = troupe_eventfd_create()
        precondition(descriptor >= 0, "no event descriptor: error \(-descriptor)")
        eventDescriptor = descriptor
        PlatformThread.start(named: name) { [self] in
            threadID.withLock { $0 = troupe_thread_id() }
            let sockets = make()
            run(sockets)
        }
    }

    deinit { _ = Glibc.close(eventDescriptor) }

    /// Queues a command; false when the thread has ended, and the command is dropped.
    @discardableResult
    func submit(_ command: @escaping Command) -> Bool {
        queue.withLock { queue in
            guard !queue.isEnded else { return false }
            queue.commands.append(command)
            if !queue.isSignalled {
                queue.isSignalled = true
                troupe_eventfd_signal(eventDescriptor)
            }
            return true
        }
    }

    /// Runs `body` on the thread and waits for its result; nil when the thread has ended.
    func perform<Value: Sendable>(_ body: @escaping @Sendable (ZeroMQSockets) -> Value) -> Value? {
        precondition(
            threadID.withLock { $0 } != troupe_thread_id(), "a handler must not wait for the thread that runs it")
        let reply = Reply<Value>()
        let isTaken = submit { sockets in
            let value = body(sockets)
            reply.value.withLock { $0 = value }
            reply.latch.open()
        }
        guard isTaken else { return nil }
        reply.latch.wait()
        return reply.value.withLock { $0 }
    }

    private final class Reply<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
        let latch = Latch()
    }

    private func run(_ sockets: ZeroMQSockets) {
        while !sockets.isClosed {
            sockets.poll(wake: eventDescriptor)
            let commands = queue.withLock { queue in
                defer { queue.commands = [] }
                if queue.isSignalled {
                    queue.isSignalled = false
                    troupe_eventfd_drain(eventDescriptor)
                }
                return queue.commands
            }
            for command in commands { command(sockets) }
        }
        sockets.finish()
        let leftover = queue.withLock { queue in
            queue.isEnded = true
            defer { queue.commands = [] }
            return queue.commands
        }
        for command in leftover { command(sockets) }
    }
}
