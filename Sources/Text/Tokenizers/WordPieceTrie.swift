/// The words of a vocabulary as a tree over UTF-8 bytes, for finding the longest one that a text begins with.
///
/// Edges lie in one hash table of (node, byte), so a step costs one look-up and no memory is followed by pointer.
struct WordPieceTrie: Sendable {
    /// The node before the first byte.
    static let root: UInt32 = 0

    /// Edges: node in the upper 24 bits, byte in the lower 8; all ones where there is none.
    private var keys: [UInt32]
    private var children: [UInt32]
    private let mask: Int
    /// The id of the word that ends at each node, -1 if none does.
    private var ids: [Int32] = [-1]

    private static let empty = UInt32.max

    /// A tree of `words`, whose ids are their places; of equal words the last one counts.
    init(_ words: [[UInt8]]) {
        let edges = words.reduce(0) { $0 + $1.count }
        var capacity = 1024
        while capacity < 2 * edges { capacity *= 2 }
        keys = Array(repeating: Self.empty, count: capacity)
        children = Array(repeating: 0, count: capacity)
        mask = capacity - 1
        for (id, word) in words.enumerated() {
            var node = Self.root
            for byte in word { node = child(of: node, byte) ?? addChild(of: node, byte) }
            ids[Int(node)] = Int32(id)
        }
    }

    /// The node after one more byte; nil if no word goes on so.
    @inline(__always)
    func child(of node: UInt32, _ byte: UInt8) -> UInt32? {
        let key = node << 8 | UInt32(byte)
        var slot = Self.slot(key) & mask
        while keys[slot] != key {
            if keys[slot] == Self.empty { return nil }
            slot = (slot + 1) & mask
        }
        return children[slot]
    }

    /// The word that ends at `node`, -1 if none does.
    @inline(__always)
    func id(at node: UInt32) -> Int32 { ids[Int(node)] }

    /// The node after `word`; nil if no word begins with it.
    func node(after word: [UInt8]) -> UInt32? {
        var node = Self.root
        for byte in word {
            guard let next = child(of: node, byte) else { return nil }
            node = next
        }
        return node
    }

    private mutating func addChild(of node: UInt32, _ byte: UInt8) -> UInt32 {
        let key = node << 8 | UInt32(byte)
        var slot = Self.slot(key) & mask
        while keys[slot] != Self.empty { slot = (slot + 1) & mask }
        keys[slot] = key
        children[slot] = UInt32(ids.count)
        ids.append(-1)
        return children[slot]
    }

    @inline(__always)
    private static func slot(_ key: UInt32) -> Int {
        let mixed = UInt64(key) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 32)
    }
}
