private import CLinux
private import Glibc

/// Threads of our own, for work that blocks or computes: it never runs on the cooperative pool.
package enum PlatformThread {
    /// Starts a thread that ends with `body`; whoever needs to know of its end lets `body` say so.
    /// - Parameter name: shown by debuggers; cut to 15 bytes.
    package static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Box(name: name, body: body))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let box = unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                unsafe _ = box.name.withCString { unsafe troupe_thread_set_name($0) }
                box.body()
                return nil
            }, box.toOpaque())
        precondition(status == 0, "no thread \(name): pthread_create returned \(status)")
        pthread_detach(thread)
    }

    /// Blocks the calling thread for a while.
    package static func sleep(_ duration: Duration) {
        let parts = duration.components
        var time = timespec(tv_sec: Int(parts.seconds), tv_nsec: Int(parts.attoseconds / 1_000_000_000))
        unsafe nanosleep(&time, nil)
    }

    private final class Box: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
