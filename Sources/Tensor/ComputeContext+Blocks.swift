internal import Synchronization

extension ComputeContext {
    /// Runs `body` over consecutive ranges of `length` indices below `count` (the last may be shorter), in any order
    /// and on any compute thread. The ranges do not depend on the number of threads.
    func forEachBlock(of count: Int, length: Int, _ body: (Range<Int>) -> Void) {
        guard count > length else {
            if count > 0 { body(0..<count) }
            return
        }
        pool.run(blocks: (count + length - 1) / length) { block in
            body(block * length..<min(count, (block + 1) * length))
        }
    }

    /// The sum of `body` over the ranges of `forEachBlock`, added in ascending order.
    func sumOverBlocks(of count: Int, length: Int, _ body: (Range<Int>) -> Double) -> Double {
        let blocks = (count + length - 1) / length
        guard blocks > 1 else { return count > 0 ? body(0..<count) : 0 }
        return unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { partials in
            let partials = unsafe partials
            forEachBlock(of: count, length: length) { range in
                unsafe partials[range.lowerBound / length] = body(range)
            }
            return unsafe partials.reduce(0, +)
        }
    }

    /// Runs `body` once per item below `count`, giving it `scratchCount` floats of unspecified content that no other
    /// item uses at the same time. There are as many scratch areas as threads, so they stay in a core's cache.
    func forEachItem(
        of count: Int, scratchCount: Int, _ body: (_ item: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
    ) {
        let lanes = min(threads, count)
        let laneLength = (scratchCount + 15) / 16 * 16
        let scratch = Tensor(uninitialized: [lanes, laneLength], dtype: .float32, in: self)
        let start = unsafe scratch.floatAddress
        let next = Atomic<Int>(0)
        pool.run(blocks: lanes) { lane in
            while true {
                let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard item < count else { return }
                unsafe body(item, start + lane * laneLength)
            }
        }
        withExtendedLifetime(scratch) {}
    }
}
