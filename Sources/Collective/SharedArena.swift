import Transport

/// What the ranks of one host share: words that say how far each has come, and two slots per rank, used in turn, for what
/// it brings to a round and for what it has added up.
///
/// - SHARED-1: a rank publishes round k in its first word after it has finished all earlier rounds and has put down what
///   it brings to k. So a slot may be written in round k once all others have published k - 1.
/// - SHARED-2: it publishes round k in its second word when its part of the sum lies in its slot.
final class SharedArena {
    /// Bytes of what a rank brings to one round.
    static let slotBytes = 512 << 10

    let memory: SharedMemory
    private let worldSize: Int

    private init(_ memory: SharedMemory, worldSize: Int) {
        self.memory = memory
        self.worldSize = worldSize
    }

    /// The memory of a group; rank 0 makes it. Nil if rank 0 has not done so yet.
    ///
    /// - Throws: `TransportError` if the system refuses.
    static func make(name: String, rank: Int, worldSize: Int) throws(TransportError) -> SharedArena? {
        let count = headerBytes(worldSize) + worldSize * 4 * slotBytes
        let memory =
            rank == 0
            ? try SharedMemory.create(name: name, count: count) : try SharedMemory.open(name: name, count: count)
        return memory.map { SharedArena($0, worldSize: worldSize) }
    }

    private static func headerBytes(_ worldSize: Int) -> Int {
        ((1 + 2 * worldSize) * SharedMemory.wordStride + 4095) / 4096 * 4096
    }

    /// The word that counts the ranks that have the memory open.
    let attachedWord = 0
    /// The word in which a rank says what round it has brought something to.
    func arrivedWord(_ rank: Int) -> Int { 1 + rank }
    /// The word in which a rank says what round it has added up.
    func summedWord(_ rank: Int) -> Int { 1 + worldSize + rank }

    /// What a rank brings to a round.
    func brought(by rank: Int, round: UInt32) -> UnsafeMutableRawBufferPointer {
        unsafe slot(4 * rank + Int(round % 2))
    }
    /// What a rank has added up in a round.
    func summed(by rank: Int, round: UInt32) -> UnsafeMutableRawBufferPointer {
        unsafe slot(4 * rank + 2 + Int(round % 2))
    }

    private func slot(_ index: Int) -> UnsafeMutableRawBufferPointer {
        let start = Self.headerBytes(worldSize) + index * Self.slotBytes
        return unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[start..<start + Self.slotBytes])
    }
}
