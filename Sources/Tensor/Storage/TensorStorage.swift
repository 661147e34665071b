/// Owner of one block of a `MemoryPool`; the block returns to the pool when the last tensor that uses it goes away.
///
/// Several tensors may share one storage (views, arena slices). Sendable so that a compute kernel can write disjoint
/// parts of it from pool threads while the thread that owns the tensor waits: nobody else may touch it meanwhile.
@safe
package final class TensorStorage: @unchecked Sendable {
    /// Bytes that were asked for; the block may be larger.
    package let byteCount: Int
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    private let pool: MemoryPool

    /// A block with unspecified content.
    init(byteCount: Int, pool: MemoryPool) {
        let (address, capacity) = pool.take(byteCount: byteCount)
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
            fatalError("a memory pool gave out the null address")
        }
        self.byteCount = byteCount
        unsafe self.base = base
        self.capacity = capacity
        self.pool = pool
    }

    /// First byte of the block, 64-byte aligned; valid while the storage lives.
    @unsafe package var address: UnsafeMutableRawPointer { unsafe base }

    deinit {
        unsafe pool.giveBack(address: UInt(bitPattern: base), capacity: capacity)
    }
}
