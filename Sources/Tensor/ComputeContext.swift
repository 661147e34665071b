internal import Synchronization

/// What computations run on: threads, a matrix multiplication library and recycled memory. Every tensor holds the
/// context it was made in; there is no global one. Several contexts live side by side (workers of one process, tests).
///
/// One thread at a time drives a context (calls operations on its tensors); the pool's threads only help it.
package final class ComputeContext: Sendable {
    /// The threads that share each operation's blocks. Results do not depend on their number.
    package let pool: ComputePool
    /// Recycles the memory behind the context's tensors.
    package let memory: MemoryPool
    /// Multiplies matrices over the pool.
    package let matmul: Matmul
    /// What the time of the operations went to.
    package let profile = OperationProfile()
    private let sequence = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - threads: how many threads compute, the driving one included; at least 1.
    ///   - backend: the matrix multiplication library; our own kernels when nil.
    ///   - firstCPU: binds the threads to CPUs from this one on; see `ComputePool`.
    package init(threads: Int = 1, backend: (any MatmulBackend)? = nil, firstCPU: Int? = nil) {
        pool = ComputePool(threads: threads, firstCPU: firstCPU)
        memory = MemoryPool()
        matmul = Matmul(backend: backend ?? KernelBackend(), pool: pool, memory: memory)
    }

    /// The number of threads that compute, the driving one included.
    package var threads: Int { pool.threads }

    /// Creation order of recorded operations.
    func nextSequence() -> UInt64 {
        sequence.add(1, ordering: .relaxed).newValue
    }
}
