internal import CLinux
internal import Glibc

/// The threads of a `ComputePool`.
enum ComputeThread {
    /// Whether the calling thread is running a body of some pool, and so must not wait for one.
    static var isCurrent: Bool {
        get { troupe_thread_slot_get() != 0 }
        set { troupe_thread_slot_set(newValue ? 1 : 0) }
    }

    private final class Start {
        let index: Int
        let cpu: Int?
        let queue: ComputeQueue
        init(index: Int, cpu: Int?, queue: ComputeQueue) {
            self.index = index
            self.cpu = cpu
            self.queue = queue
        }
    }

    /// Starts thread `troupe-comp-<index>`, bound to `cpu` if given, which works on `queue` until it stops.
    static func start(index: Int, cpu: Int?, _ queue: ComputeQueue) -> pthread_t {
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passRetained(Start(index: index, cpu: cpu, queue: queue)).toOpaque()
        let error = unsafe pthread_create(
            &thread, nil,
            { raw in
                guard let raw = unsafe raw else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                unsafe troupe_thread_set_name("troupe-comp-\(start.index)")
                // A CPU that was taken from the process meanwhile costs speed only.
                if let cpu = start.cpu { _ = troupe_thread_set_affinity(Int32(cpu)) }
                ComputeThread.isCurrent = true
                start.queue.work()
                return nil
            }, argument)
        precondition(error == 0, "cannot start compute thread \(index): error \(error)")
        return thread
    }
}
