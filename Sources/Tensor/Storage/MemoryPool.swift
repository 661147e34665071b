internal import Glibc
internal import Synchronization

/// Counters of a `MemoryPool`. Bytes are those of the size classes, so a little more than was asked for.
package struct MemoryStatistics: Sendable, Equatable {
    /// Bytes held by live tensors.
    package var bytesInUse = 0
    /// The largest `bytesInUse` since the pool was made or `resetPeak()` was called.
    package var peakBytesInUse = 0
    /// Bytes taken from the system: in use plus idle in the free lists.
    package var bytesHeld = 0
    /// How often memory was taken from the system. Constant in the steady state of a training loop.
    package var systemAllocations = 0
}

/// Recycles the 64-byte-aligned blocks behind tensors, so that a training step that repeats the shapes of the step
/// before takes nothing from the system.
///
/// Blocks are kept in one free list per size class; a class is at most 1/8 larger than what was asked for. A request
/// that finds its class empty may take a block of up to three times its size (batches of varying length share blocks so),
/// then falls back to the system. Idle memory is handed back whenever the pool would hold more than 1.5 times its peak
/// use. Thread-safe; the lock is held for a dictionary look-up.
package final class MemoryPool: Sendable {
    /// Every block starts at a multiple of this: one cache line, one AVX-512 register.
    package static let alignment = 64
    /// Requests from here on are mapped pages of their own; smaller ones come from the C heap.
    private static let mappedThreshold = 1 << 18

    /// Addresses rather than pointers: what is idle must not be read.
    private struct State {
        var idle: [Int: [UInt]] = [:]
        var statistics = MemoryStatistics()
    }

    private let state = Mutex(State())

    /// A pool that holds nothing yet.
    package init() {}

    /// The counters as they stand now.
    package var statistics: MemoryStatistics { state.withLock { $0.statistics } }

    /// Starts a new measurement of the peak from what is in use now.
    package func resetPeak() {
        state.withLock { $0.statistics.peakBytesInUse = $0.statistics.bytesInUse }
    }

    /// Hands all idle blocks back to the system.
    package func trim() {
        state.withLock { Self.release(down: 0, &$0) }
    }

    /// A block of at least `byteCount` bytes with unspecified content, and its capacity, by which it is returned.
    func take(byteCount: Int) -> (address: UInt, capacity: Int) {
        let wanted = Self.sizeClass(of: byteCount)
        return state.withLock { state in
            var capacity = wanted
            while true {
                if let address = state.idle[capacity]?.popLast() {
                    Self.noteUse(of: capacity, &state.statistics)
                    return (address, capacity)
                }
                let next = Self.sizeClass(of: capacity + 1)
                if next > 3 * wanted { break }
                capacity = next
            }
            Self.noteUse(of: wanted, &state.statistics)
            let limit = state.statistics.peakBytesInUse + state.statistics.peakBytesInUse / 2
            Self.release(down: limit - wanted, &state)
            state.statistics.systemAllocations += 1
            state.statistics.bytesHeld += wanted
            return (Self.systemAllocate(wanted), wanted)
        }
    }

    /// Returns a block to its free list. The caller must not touch it again.
    func giveBack(address: UInt, capacity: Int) {
        state.withLock { state in
            state.statistics.bytesInUse -= capacity
            state.idle[capacity, default: []].append(address)
        }
    }

    deinit {
        state.withLock { Self.release(down: 0, &$0) }
    }

    /// The capacity given for a request: multiples of 64 up to 512 bytes, then eight steps per doubling.
    static func sizeClass(of byteCount: Int) -> Int {
        let least = max(byteCount, 1) - 1
        let exponent = Int.bitWidth - least.leadingZeroBitCount
        let step = max(alignment, 1 << max(0, exponent - 4))
        return (least / step + 1) * step
    }

    private static func noteUse(of capacity: Int, _ statistics: inout MemoryStatistics) {
        statistics.bytesInUse += capacity
        statistics.peakBytesInUse = max(statistics.peakBytesInUse, statistics.bytesInUse)
    }

    /// Frees idle blocks, largest first, until at most `limit` bytes are held or none is idle.
    private static func release(down limit: Int, _ state: inout State) {
        guard state.statistics.bytesHeld > limit else { return }
        for capacity in state.idle.keys.sorted(by: >) {
            while state.statistics.bytesHeld > limit, let address = state.idle[capacity]?.popLast() {
                systemFree(address, capacity)
                state.statistics.bytesHeld -= capacity
            }
        }
    }

    private static func systemAllocate(_ capacity: Int) -> UInt {
        if capacity < mappedThreshold {
            guard let pointer = unsafe aligned_alloc(alignment, capacity) else { outOfMemory(capacity) }
            return UInt(bitPattern: pointer)
        }
        let pointer = unsafe mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let pointer = unsafe pointer, unsafe pointer != MAP_FAILED else { outOfMemory(capacity) }
        // Huge pages save page faults and TLB misses; that the advice may be refused changes nothing else.
        _ = unsafe madvise(pointer, capacity, Int32(MADV_HUGEPAGE))
        return UInt(bitPattern: pointer)
    }

    private static func systemFree(_ address: UInt, _ capacity: Int) {
        let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address)
        if capacity < mappedThreshold {
            unsafe free(pointer)
        } else {
            unsafe munmap(pointer, capacity)
        }
    }

    private static func outOfMemory(_ capacity: Int) -> Never {
        fatalError("the system refused \(capacity) bytes of memory for a tensor")
    }
}
