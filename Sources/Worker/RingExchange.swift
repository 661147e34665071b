import Algorithms
import Collective

/// Gradients met by ring all-reduce, one bucket after the other.
final class RingExchange: GradientExchange {
    private let group: ProcessGroup
    /// Elements of gradients summed together.
    private let bucketCount: Int

    init(_ group: ProcessGroup, bucketBytes: Int) {
        self.group = group
        bucketCount = bucketBytes / MemoryLayout<Float>.size
    }

    var rank: Int { group.rank }
    var worldSize: Int { group.worldSize }

    func sum(_ buffer: UnsafeMutableBufferPointer<Float>, step: Int) throws {
        for start in stride(from: 0, to: buffer.count, by: bucketCount) {
            let bucket = unsafe buffer[start..<min(start + bucketCount, buffer.count)]
            try unsafe group.allReduce(UnsafeMutableBufferPointer(rebasing: bucket), step: step)
        }
    }

    func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int, step: Int) throws {
        try unsafe group.broadcast(buffer, root: root, step: step)
    }

    func barrier(step: Int) throws {
        try group.barrier(step: step)
    }
}
