import Algorithms
package import Collective
package import Tensor

/// Gradients met by all-reduce, one bucket after the other: round the ring, or in a given order of summation.
package final class RingExchange: GradientExchange {
    private let group: ProcessGroup
    /// Elements of gradients summed together.
    private let bucketCount: Int

    /// An exchange over `group`, whose collectives belong to the calling trainer thread; `bucketBytes` is at least 4.
    package init(_ group: ProcessGroup, bucketBytes: Int) {
        self.group = group
        bucketCount = bucketBytes / MemoryLayout<Float>.size
    }

    package var rank: Int { group.rank }
    package var worldSize: Int { group.worldSize }

    package func sum(_ buffer: UnsafeMutableBufferPointer<Float>, step: Int) throws {
        for start in stride(from: 0, to: buffer.count, by: bucketCount) {
            let bucket = unsafe buffer[start..<min(start + bucketCount, buffer.count)]
            try unsafe group.allReduce(UnsafeMutableBufferPointer(rebasing: bucket), step: step)
        }
    }

    package func sum(
        _ parts: [UnsafeBufferPointer<Float>], order: SummationOrder, into buffer: UnsafeMutableBufferPointer<Float>,
        step: Int
    ) throws {
        for start in stride(from: 0, to: buffer.count, by: bucketCount) {
            let range = start..<min(start + bucketCount, buffer.count)
            let slices = unsafe parts.map { unsafe UnsafeBufferPointer(rebasing: $0[range]) }
            try unsafe group.allReduce(
                slices, into: UnsafeMutableBufferPointer(rebasing: buffer[range]), order: order, step: step)
        }
    }

    package func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int, step: Int) throws {
        try unsafe group.broadcast(buffer, root: root, step: step)
    }

    package func barrier(step: Int) throws {
        try group.barrier(step: step)
    }
}
