import Tensor
import Wire

/// The ring. The buffer is cut into one chunk per rank, a chunk into segments; every rank sends to the next and receives
/// from the one before.
///
/// Reduce-scatter takes world size - 1 hops: in hop h rank r sends chunk r-1-h and adds chunk r-2-h, so that in the last
/// one it completes chunk r. All-gather takes as many: in hop h rank r sends chunk r-h and receives chunk r-1-h. A segment
/// goes on to the next hop as soon as it has been added or copied, so all hops of a chunk overlap.
///
/// - RING-1: every element is summed once, in ring order from rank c+1 to rank c for chunk c, and then copied: all ranks
///   hold the same bits.
/// - RING-2: a region that has been sent is written again only with data that could not exist before the next rank had
///   read the region, so segments are sent from the buffer without a copy.
extension ProcessGroup {
    /// Replaces `buffer` by its element-wise sum over all ranks; every rank gets the same bits.
    package func allReduce(_ buffer: UnsafeMutableBufferPointer<Float>, step: Int) throws(CollectiveError) {
        if configuration.sharesMemory { return try unsafe shareSum(buffer, step: step) }
        let layout = layout(buffer.count)
        try collective(step: step, phase: .reduceScatter) { (bucket) throws(CollectiveError) in
            try unsafe reduceChunks(buffer, layout, step, bucket, thenGather: true)
            try unsafe gatherChunks(buffer, layout, step, bucket)
        }
    }

    /// Sums over all ranks; this rank's chunk, whose elements are returned, holds the result, the rest is undefined.
    package func reduceScatter(
        _ buffer: UnsafeMutableBufferPointer<Float>, step: Int
    ) throws(CollectiveError) -> Range<Int> {
        let layout = layout(buffer.count)
        try collective(step: step, phase: .reduceScatter) { (bucket) throws(CollectiveError) in
            try unsafe reduceChunks(buffer, layout, step, bucket, thenGather: false)
        }
        return layout.chunk(rank)
    }

    /// Fills every rank's chunk of `buffer` with that of its rank.
    package func allGather(_ buffer: UnsafeMutableBufferPointer<Float>, step: Int) throws(CollectiveError) {
        let layout = layout(buffer.count)
        try collective(step: step, phase: .allGather) { (bucket) throws(CollectiveError) in
            for (index, segment) in layout.segments(of: rank).enumerated() {
                let address = SegmentAddress(
                    step: step, bucket: bucket, phase: .allGather, hop: 0, segment: index)
                try unsafe send(bytes(of: buffer, segment), as: .float32, to: peer(at: 1), address)
            }
            try unsafe gatherChunks(buffer, layout, step, bucket)
        }
    }

    /// How a buffer of `count` floats is cut.
    package func layout(_ count: Int) -> ChunkLayout {
        ChunkLayout(count: count, worldSize: worldSize, segmentCount: configuration.segmentBytes / 4)
    }

    private func reduceChunks(
        _ buffer: UnsafeMutableBufferPointer<Float>, _ layout: ChunkLayout, _ step: Int, _ bucket: UInt32,
        thenGather: Bool
    ) throws(CollectiveError) {
        let next = peer(at: 1)
        for (index, segment) in layout.segments(of: peer(at: -1)).enumerated() {
            let address = SegmentAddress(step: step, bucket: bucket, phase: .reduceScatter, hop: 0, segment: index)
            try unsafe send(bytes(of: buffer, segment), as: .float32, to: next, address)
        }
        for hop in 0..<(worldSize - 1) {
            let isLast = hop == worldSize - 2
            for (index, segment) in layout.segments(of: peer(at: -2 - hop)).enumerated() {
                let address = SegmentAddress(
                    step: step, bucket: bucket, phase: .reduceScatter, hop: hop, segment: index)
                try unsafe receive(segment.count, of: .float32, from: peer(at: -1), address) { bytes, _ in
                    unsafe RawKernels.add(bytes, to: UnsafeMutableBufferPointer(rebasing: buffer[segment]))
                }
                if !isLast || thenGather {
                    let onward = isLast ? address.at(.allGather, hop: 0) : address.at(.reduceScatter, hop: hop + 1)
                    try unsafe send(self.bytes(of: buffer, segment), as: .float32, to: next, onward)
                }
            }
        }
    }

    private func gatherChunks(
        _ buffer: UnsafeMutableBufferPointer<Float>, _ layout: ChunkLayout, _ step: Int, _ bucket: UInt32
    ) throws(CollectiveError) {
        for hop in 0..<(worldSize - 1) {
            for (index, segment) in layout.segments(of: peer(at: -1 - hop)).enumerated() {
                let address = SegmentAddress(step: step, bucket: bucket, phase: .allGather, hop: hop, segment: index)
                var checksum: UInt32 = 0
                try unsafe receive(segment.count, of: .float32, from: peer(at: -1), address) { bytes, known in
                    unsafe UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[segment]))
                        .copyMemory(from: bytes)
                    checksum = known
                }
                if hop < worldSize - 2 {
                    try unsafe send(
                        self.bytes(of: buffer, segment), as: .float32, to: peer(at: 1),
                        address.at(.allGather, hop: hop + 1), checksum: checksum)
                }
            }
        }
    }

    private func bytes(
        of buffer: UnsafeMutableBufferPointer<Float>, _ segment: Range<Int>
    ) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[segment]))
    }
}
