/// The merging of one word, in memory that is used again for the next.
struct BytePairMerging {
    /// The tokens of the word so far; -1 for a byte that the vocabulary has not.
    private(set) var ids: [Int32] = []
    /// The byte of the word behind each token.
    private(set) var ends: [Int] = []
    /// Of the merge of each token with the next.
    private var ranks: [Int32] = []

    /// Up to this many bytes the best merge is searched for among all; more are kept in a heap.
    static let shortWord = 64

    /// Cuts a word: of all neighbours that may merge those of the lowest rank do, the leftmost first, until none may.
    mutating func merge(
        _ text: Span<UInt8>, _ word: Range<Int>, _ byteIDs: Span<Int32>, _ merges: Span<PairTable.Entry>,
        shortWord: Int = BytePairMerging.shortWord
    ) {
        ids.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        for index in word {
            ids.append(byteIDs[Int(text[index])])
            ends.append(index + 1 - word.lowerBound)
        }
        if word.count <= shortWord { mergeShort(merges) } else { mergeLong(merges) }
    }

    private mutating func mergeShort(_ merges: Span<PairTable.Entry>) {
        ranks.removeAll(keepingCapacity: true)
        guard ids.count > 1 else { return }
        for index in 0..<ids.count - 1 { ranks.append(PairTable.find(ids[index], ids[index + 1], in: merges).rank) }
        while true {
            var best = 0
            var lowest = Int32.max
            for index in ranks.indices where ranks[index] < lowest {
                lowest = ranks[index]
                best = index
            }
            guard lowest < .max else { return }
            ids[best] = PairTable.find(ids[best], ids[best + 1], in: merges).result
            ids.remove(at: best + 1)
            ends.remove(at: best)
            ranks.remove(at: best)
            if best < ranks.count { ranks[best] = PairTable.find(ids[best], ids[best + 1], in: merges).rank }
            if best > 0 { ranks[best - 1] = PairTable.find(ids[best - 1], ids[best], in: merges).rank }
        }
    }

    /// A merge that may be made: the first of its tokens, and its rank when it was found.
    private struct Candidate {
        let rank: Int32
        let place: Int

        func precedes(_ other: Candidate) -> Bool { (rank, place) < (other.rank, other.place) }
    }

    /// The same with a linked list of tokens and a binary heap of candidates: n log n for a word of n bytes.
    private mutating func mergeLong(_ merges: Span<PairTable.Entry>) {
        let count = ids.count
        var next = Array(1...count)
        var previous = Array(-1..<count - 1)
        var isGone = Array(repeating: false, count: count)
        var heap: [Candidate] = []
        func push(_ place: Int, _ ids: [Int32], _ next: [Int], _ heap: inout [Candidate]) {
            guard place >= 0, next[place] < count else { return }
            let rank = PairTable.find(ids[place], ids[next[place]], in: merges).rank
            if rank < .max { Self.push(Candidate(rank: rank, place: place), to: &heap) }
        }
        for place in 0..<count - 1 { push(place, ids, next, &heap) }
        while let candidate = Self.pop(from: &heap) {
            let place = candidate.place
            guard !isGone[place], next[place] < count else { continue }
            let merge = PairTable.find(ids[place], ids[next[place]], in: merges)
            guard merge.rank == candidate.rank else { continue }
            let gone = next[place]
            ids[place] = merge.result
            ends[place] = ends[gone]
            isGone[gone] = true
            next[place] = next[gone]
            if next[gone] < count { previous[next[gone]] = place }
            push(place, ids, next, &heap)
            push(previous[place], ids, next, &heap)
        }
        let kept = (0..<count).filter { !isGone[$0] }
        ids = kept.map { ids[$0] }
        ends = kept.map { ends[$0] }
    }

    private static func push(_ candidate: Candidate, to heap: inout [Candidate]) {
        heap.append(candidate)
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private static func pop(from heap: inout [Candidate]) -> Candidate? {
        guard let top = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return top }
        heap[0] = last
        var parent = 0
        while true {
            var best = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].precedes(heap[best]) {
                best = child
            }
            guard best != parent else { return top }
            heap.swapAt(parent, best)
            parent = best
        }
    }
}
