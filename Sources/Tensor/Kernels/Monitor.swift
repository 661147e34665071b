internal import Glibc

/// A mutual-exclusion lock with one condition to wait for, on stable memory.
///
/// `Synchronization.Mutex` has no condition variable, and the thread sanitizer does not see it; hence this one.
@safe final class Monitor: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Holds the lock while `body` runs.
    func withLock<R>(_ body: () -> R) -> R {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Gives up the lock, which the caller holds, until woken; may also return for no reason.
    func wait() {
        unsafe pthread_cond_wait(condition, mutex)
    }

    /// Wakes every waiting thread. Called with the lock held, so that no thread is between its check and its wait.
    func wakeAll() {
        unsafe pthread_cond_broadcast(condition)
    }
}
