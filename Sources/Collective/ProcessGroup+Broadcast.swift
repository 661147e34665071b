import Wire

extension ProcessGroup {
    /// Gives every rank the bytes that `buffer` holds on rank `root`. They go round the ring segment by segment, each
    /// rank passing a segment on as soon as it has it.
    package func broadcast(
        _ buffer: UnsafeMutableRawBufferPointer, root: Int, step: Int
    ) throws(CollectiveError) {
        guard peers.indices.contains(root) else {
            throw CollectiveError(
                .mismatch, "root \(root) of \(worldSize)", rank: rank, generation: generation,
                place: CollectiveError.Place(step: step, phase: .broadcast))
        }
        if configuration.sharesMemory { return try unsafe shareBroadcast(buffer, root: root, step: step) }
        // One chunk: only the segments matter here.
        let layout = ChunkLayout(count: buffer.count, worldSize: 1, segmentCount: configuration.segmentBytes)
        try collective(step: step, phase: .broadcast) { (bucket) throws(CollectiveError) in
            for (index, segment) in layout.segments(of: 0).enumerated() {
                let region = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[segment])
                let address = SegmentAddress(step: step, bucket: bucket, phase: .broadcast, hop: 0, segment: index)
                var checksum: UInt32?
                if rank != root {
                    try unsafe receive(segment.count, of: .bytes, from: peer(at: -1), address) { bytes, known in
                        unsafe region.copyMemory(from: bytes)
                        checksum = known
                    }
                }
                if peer(at: 1) != root {
                    let sent = UnsafeRawBufferPointer(region)
                    try unsafe send(sent, as: .bytes, to: peer(at: 1), address, checksum: checksum)
                }
            }
        }
    }

    /// Returns when all ranks have called it. In round k every rank tells the one 2^k places on and hears from the one
    /// 2^k places back, so after the logarithm of the world size all know of all (dissemination barrier).
    package func barrier(step: Int) throws(CollectiveError) {
        if configuration.sharesMemory { return try shareBarrier(step: step) }
        try collective(step: step, phase: .barrier) { (bucket) throws(CollectiveError) in
            for (round, distance) in barrierDistances.enumerated() {
                let address = SegmentAddress(step: step, bucket: bucket, phase: .barrier, hop: round, segment: 0)
                let nothing = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
                try unsafe send(nothing, as: .bytes, to: peer(at: distance), address)
                try unsafe receive(0, of: .bytes, from: peer(at: -distance), address) { _, _ in }
            }
        }
    }
}
