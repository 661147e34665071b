import Tensor
import Transport
import Wire

/// Collectives of ranks that share memory. A buffer passes in blocks: every rank puts its block down, adds up one slice of
/// all blocks, and takes the other slices from those who added them up. Small buffers are added up whole by every rank.
///
/// All ranks hold the same bits: each element is summed by one rank in a given order and copied, or by all in that order.
extension ProcessGroup {
    /// Buffers of at most so many elements are added up whole by every rank: one wait instead of two.
    private static var smallCount: Int { 1024 }

    /// The sum of all ranks' parts in `order`, as the other `allReduce`.
    func shareSum(
        _ parts: [UnsafeBufferPointer<Float>], into buffer: UnsafeMutableBufferPointer<Float>, order: SummationOrder,
        step: Int
    ) throws(CollectiveError) {
        try collective(step: step, phase: .reduceScatter) { (_) throws(CollectiveError) in
            let place = CollectiveError.Place(step: step, phase: .reduceScatter)
            let arena = try sharedArena(place)
            let block = SharedArena.slotBytes / 4 / (order.partCounts.max() ?? 1)
            for start in stride(from: 0, to: buffer.count, by: block) {
                let range = start..<min(start + block, buffer.count)
                let target = unsafe UnsafeMutableBufferPointer(rebasing: buffer[range])
                let round = nextRound()
                // SHARED-1: nobody reads the slot any more.
                try awaitAll(arena, round &- 1, place)
                let own = unsafe arena.brought(by: rank, round: round)
                for part in unsafe parts.indices {
                    let bytes = unsafe UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: parts[part][range]))
                    unsafe UnsafeMutableRawBufferPointer(rebasing: own[(part * block * 4)...]).copyMemory(from: bytes)
                }
                arena.memory.publish(arena.arrivedWord(rank), round)
                try awaitAll(arena, round, place)
                func sum(_ slice: Range<Int>, into result: UnsafeMutableBufferPointer<Float>) {
                    unsafe order.sum(into: result) { sender, part, use in
                        let first = (part * block + slice.lowerBound) * 4
                        let bytes = unsafe arena.brought(by: sender, round: round)[first..<first + slice.count * 4]
                        unsafe use(UnsafeRawBufferPointer(rebasing: bytes))
                    }
                }
                if buffer.count <= Self.smallCount {
                    unsafe sum(0..<range.count, into: target)
                } else {
                    try unsafe exchangeSlices(arena, round, target, place, sum)
                }
            }
        }
    }

    /// Adds up this rank's slice of a block with `sum` and takes the others' from them.
    private func exchangeSlices(
        _ arena: SharedArena, _ round: UInt32, _ target: UnsafeMutableBufferPointer<Float>,
        _ place: CollectiveError.Place, _ sum: (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(CollectiveError) {
        let layout = ChunkLayout(count: target.count, worldSize: worldSize, segmentCount: target.count)
        func result(_ peer: Int) -> UnsafeMutableBufferPointer<Float> {
            let bytes = unsafe arena.summed(by: peer, round: round)[..<(layout.chunk(peer).count * 4)]
            return unsafe UnsafeMutableRawBufferPointer(rebasing: bytes).bindMemory(to: Float.self)
        }
        unsafe sum(layout.chunk(rank), result(rank))
        arena.memory.publish(arena.summedWord(rank), round)
        for distance in 0..<worldSize {
            let peer = peer(at: distance)
            if peer != rank { try awaitWord(arena, arena.summedWord(peer), round, peer, place) }
            let slice = unsafe UnsafeMutableBufferPointer(rebasing: target[layout.chunk(peer)])
            unsafe UnsafeMutableRawBufferPointer(slice).copyMemory(from: UnsafeRawBufferPointer(result(peer)))
        }
    }

    /// The order of the ranks, each with one part.
    private var rankOrder: SummationOrder {
        let others = (1..<worldSize).map { SummationOrder.Action.add(rank: $0, part: 0) }
        return SummationOrder(
            partCounts: Array(repeating: 1, count: worldSize), actions: [.push(rank: 0, part: 0)] + others)
    }

    /// The sum of all ranks' buffers in the order of the ranks.
    func shareSum(_ buffer: UnsafeMutableBufferPointer<Float>, step: Int) throws(CollectiveError) {
        try unsafe shareSum([UnsafeBufferPointer(buffer)], into: buffer, order: rankOrder, step: step)
    }

    /// Gives every rank the bytes that `buffer` holds on rank `root`.
    func shareBroadcast(
        _ buffer: UnsafeMutableRawBufferPointer, root: Int, step: Int
    ) throws(CollectiveError) {
        try collective(step: step, phase: .broadcast) { (_) throws(CollectiveError) in
            let place = CollectiveError.Place(step: step, phase: .broadcast)
            let arena = try sharedArena(place)
            for start in stride(from: 0, to: buffer.count, by: SharedArena.slotBytes) {
                let region = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: buffer[start..<min(start + SharedArena.slotBytes, buffer.count)])
                let round = nextRound()
                if rank == root {
                    // SHARED-1 again.
                    try awaitAll(arena, round &- 1, place)
                    unsafe arena.brought(by: root, round: round).copyMemory(from: UnsafeRawBufferPointer(region))
                }
                arena.memory.publish(arena.arrivedWord(rank), round)
                if rank != root {
                    try awaitWord(arena, arena.arrivedWord(root), round, root, place)
                    let bytes = unsafe arena.brought(by: root, round: round)[..<region.count]
                    unsafe region.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes))
                }
            }
        }
    }

    /// Returns when all ranks have called it.
    func shareBarrier(step: Int) throws(CollectiveError) {
        try collective(step: step, phase: .barrier) { (_) throws(CollectiveError) in
            let place = CollectiveError.Place(step: step, phase: .barrier)
            let arena = try sharedArena(place)
            let round = nextRound()
            arena.memory.publish(arena.arrivedWord(rank), round)
            try awaitAll(arena, round, place)
        }
    }

    // MARK: Waiting

    private func awaitAll(
        _ arena: SharedArena, _ round: UInt32, _ place: CollectiveError.Place
    ) throws(CollectiveError) {
        for distance in 1..<worldSize {
            let peer = peer(at: distance)
            try awaitWord(arena, arena.arrivedWord(peer), round, peer, place)
        }
    }

    /// Waits until a word of `peer` has reached `round`, or throws what keeps it from that.
    private func awaitWord(
        _ arena: SharedArena, _ word: Int, _ round: UInt32, _ peer: Int, _ place: CollectiveError.Place
    ) throws(CollectiveError) {
        if arena.memory.wait(word, for: round, limit: .milliseconds(20)) { return }
        var wait = mailbox.wait(for: peer, place)
        while !arena.memory.wait(word, for: round, limit: .milliseconds(20)) { try wait.check() }
    }

    /// The memory of this group, made by its first collective: rank 0 makes it, the others open it, and when all have it
    /// its name goes.
    private func sharedArena(_ place: CollectiveError.Place) throws(CollectiveError) -> SharedArena {
        if let arena = unsafe sharedArena { return arena }
        let name = "/troupe-\(String(runID.value, radix: 16))-\(generation)"
        var wait = mailbox.wait(for: rank == 0 ? peer(at: 1) : 0, place)
        do {
            while true {
                if let arena = try SharedArena.make(name: name, rank: rank, worldSize: worldSize) {
                    unsafe sharedArena = arena
                    arena.memory.increment(arena.attachedWord)
                    while !arena.memory.wait(arena.attachedWord, for: UInt32(worldSize), limit: .milliseconds(20)) {
                        try wait.check()
                    }
                    if rank == 0 { arena.memory.unlink() }
                    return arena
                }
                try wait.check()
                PlatformThread.sleep(.milliseconds(1))
            }
        } catch let error as CollectiveError {
            throw error
        } catch {
            throw CollectiveError(
                .transport, "\(error); cluster.collectives: sockets does without", rank: rank, generation: generation,
                place: place)
        }
    }
}
