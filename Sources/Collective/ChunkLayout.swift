/// How a buffer is cut: one chunk per rank, each cut into segments that travel one by one. Pure geometry.
package struct ChunkLayout: Sendable, Equatable {
    /// Elements of the whole buffer.
    package let count: Int
    package let worldSize: Int
    /// Elements of every segment but the last of a chunk.
    package let segmentCount: Int

    package init(count: Int, worldSize: Int, segmentCount: Int) {
        precondition(count >= 0 && worldSize > 0 && segmentCount > 0, "a layout of \(count) over \(worldSize) ranks")
        self.count = count
        self.worldSize = worldSize
        self.segmentCount = segmentCount
    }

    /// The elements of a rank's chunk. Chunks are in rank order, cover the buffer, and differ by one element at most.
    package func chunk(_ rank: Int) -> Range<Int> {
        let (size, larger) = count.quotientAndRemainder(dividingBy: worldSize)
        let start = rank * size + min(rank, larger)
        return start..<(start + size + (rank < larger ? 1 : 0))
    }

    /// The segments of a rank's chunk, in order; none for an empty chunk.
    package func segments(of rank: Int) -> [Range<Int>] {
        let chunk = chunk(rank)
        return stride(from: chunk.lowerBound, to: chunk.upperBound, by: segmentCount).map {
            $0..<min($0 + segmentCount, chunk.upperBound)
        }
    }
}
