package import Tensor
import Transport
import Wire

/// All-reduce in a given order of summation. Every rank owns one chunk: it is sent all partial sums of its chunk, adds
/// them up in the order, and sends the result to all others. With one part per rank the volume is that of the ring.
///
/// - ORDER-1: an element's additions and their order are those of the summation order, whatever comes first.
/// - ORDER-2: a part may be the result buffer itself: another rank's chunk is overwritten only with that rank's result,
///   which it could not send before it had read the part.
extension ProcessGroup {
    /// Replaces `buffer` by the sum of all ranks' parts, added in `order`; every rank gets the same bits. `parts` are this
    /// rank's, of the count of `buffer`.
    package func allReduce(
        _ parts: [UnsafeBufferPointer<Float>], into buffer: UnsafeMutableBufferPointer<Float>, order: SummationOrder,
        step: Int
    ) throws(CollectiveError) {
        let partCount = unsafe parts.count
        guard order.partCounts.count == worldSize, order.partCounts[rank] == partCount,
            unsafe parts.allSatisfy({ $0.count == buffer.count })
        else {
            throw CollectiveError(
                .mismatch,
                "\(partCount) parts, but the order has \(order.partCounts) for \(worldSize) ranks", rank: rank,
                generation: generation, place: CollectiveError.Place(step: step, phase: .reduceScatter))
        }
        guard worldSize > 1 else {
            // Apart from the buffer, which may be one of the parts.
            let sum = UnsafeMutableBufferPointer<Float>.allocate(capacity: buffer.count)
            defer { unsafe sum.deallocate() }
            unsafe order.sum(into: sum) { _, part, use in unsafe use(UnsafeRawBufferPointer(parts[part])) }
            unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(sum))
            return
        }
        if configuration.sharesMemory {
            return try unsafe shareSum(parts, into: buffer, order: order, step: step)
        }
        let layout = layout(buffer.count)
        try collective(step: step, phase: .reduceScatter) { (bucket) throws(CollectiveError) in
            try connectToAll(step)
            try unsafe sendParts(parts, layout, step, bucket)
            try unsafe sumOwnChunk(parts, into: buffer, order, layout, step, bucket)
            try unsafe receiveChunks(into: buffer, layout, step, bucket)
        }
    }

    /// The other ranks, the next one first, so that not all send to the same one at once.
    private var others: [Int] { (1..<worldSize).map { peer(at: $0) } }

    private func connectToAll(_ step: Int) throws(CollectiveError) {
        for peer in others {
            do {
                try transport.connect(to: peers[peer])
            } catch {
                throw CollectiveError(
                    .transport, "\(error)", rank: rank, generation: generation,
                    place: CollectiveError.Place(peer: peer, step: step, phase: .reduceScatter))
            }
        }
    }

    /// Segments go out by number, so that every owner can begin at once.
    private func sendParts(
        _ parts: [UnsafeBufferPointer<Float>], _ layout: ChunkLayout, _ step: Int, _ bucket: UInt32
    ) throws(CollectiveError) {
        let segments = others.map { (peer: $0, segments: layout.segments(of: $0)) }
        for index in 0..<(segments.map(\.segments.count).max() ?? 0) {
            for (peer, segments) in segments where index < segments.count {
                for part in unsafe parts.indices {
                    let address = SegmentAddress(
                        step: step, bucket: bucket, phase: .reduceScatter, hop: part, segment: index)
                    let bytes = unsafe UnsafeRawBufferPointer(
                        UnsafeBufferPointer(rebasing: parts[part][segments[index]]))
                    try unsafe send(bytes, as: .float32, to: peer, address)
                }
            }
        }
    }

    private func sumOwnChunk(
        _ parts: [UnsafeBufferPointer<Float>], into buffer: UnsafeMutableBufferPointer<Float>, _ order: SummationOrder,
        _ layout: ChunkLayout, _ step: Int, _ bucket: UInt32
    ) throws(CollectiveError) {
        // The sum is put together apart from the buffer, which may be one of the parts.
        let sum = UnsafeMutableBufferPointer<Float>.allocate(
            capacity: layout.segments(of: rank).map(\.count).max() ?? 0)
        defer { unsafe sum.deallocate() }
        for (index, segment) in layout.segments(of: rank).enumerated() {
            let target = unsafe UnsafeMutableBufferPointer(rebasing: sum[..<segment.count])
            try unsafe order.sum(into: target) { (sender, part, use) throws(CollectiveError) in
                guard sender != rank else {
                    unsafe use(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: parts[part][segment])))
                    return
                }
                let address = SegmentAddress(
                    step: step, bucket: bucket, phase: .reduceScatter, hop: part, segment: index)
                try unsafe receive(segment.count, of: .float32, from: sender, address) { bytes, _ in
                    unsafe use(bytes)
                }
            }
            let region = unsafe UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[segment]))
            unsafe region.copyMemory(from: UnsafeRawBufferPointer(target))
            let result = UnsafeRawBufferPointer(region)
            let checksum = unsafe Checksum.crc32c(result)
            let address = SegmentAddress(step: step, bucket: bucket, phase: .allGather, hop: 0, segment: index)
            for peer in others { try unsafe send(result, as: .float32, to: peer, address, checksum: checksum) }
        }
    }

    private func receiveChunks(
        into buffer: UnsafeMutableBufferPointer<Float>, _ layout: ChunkLayout, _ step: Int, _ bucket: UInt32
    ) throws(CollectiveError) {
        for peer in others {
            for (index, segment) in layout.segments(of: peer).enumerated() {
                let address = SegmentAddress(step: step, bucket: bucket, phase: .allGather, hop: 0, segment: index)
                try unsafe receive(segment.count, of: .float32, from: peer, address) { bytes, _ in
                    unsafe UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[segment]))
                        .copyMemory(from: bytes)
                }
            }
        }
    }
}
