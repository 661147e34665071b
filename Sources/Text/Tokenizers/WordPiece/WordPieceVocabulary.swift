internal import Foundation

/// The tokens of a WordPiece vocabulary, as a trie over their UTF-8 bytes: a double array, in which the child of `node`
/// for `byte` is the cell `base(node) + byte` if that cell names `node` as its parent.
package struct WordPieceVocabulary: Sendable {
    /// A cell of the double array.
    struct Node {
        var base: Int32 = 0
        var parent: Int32 = Self.free
        /// The token that ends here, or -1.
        var token: Int32 = -1

        static let free: Int32 = -1
        static let noParent: Int32 = -2
    }

    /// The node of the empty word.
    static let root = 0

    /// Tokens of the vocabulary.
    package let count: Int
    /// Cells, 256 more than the last one in use, so that no child lies outside.
    let nodes: [Node]
    private let spelling: [UInt8]
    private let ends: [Int]

    /// Reads a file of one token per line; its id is the number of its line, from 0. Of equal tokens the last counts.
    package init(path: String) throws(TextError) {
        let file = try MappedFile(path)
        let tokens = unsafe file.withBytes { bytes in
            unsafe bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
                unsafe line.last == UInt8(ascii: "\r") ? Array(line.dropLast()) : Array(line)
            }
        }
        // What follows the last line end is no line.
        try self.init(tokens: tokens.last == [] ? tokens.dropLast() : tokens, name: path)
    }

    /// A vocabulary of these tokens, whose ids are their positions; `name` appears in errors.
    package init(tokens: [[UInt8]], name: String) throws(TextError) {
        guard !tokens.isEmpty else { throw TextError(.malformedModel, "\(name): no tokens") }
        if let line = tokens.firstIndex(where: { String(validating: $0, as: UTF8.self) == nil }) {
            throw TextError(.malformedModel, "\(name):\(line + 1): not UTF-8")
        }
        count = tokens.count
        spelling = Array(tokens.joined())
        var end = 0
        ends = tokens.map { token in
            end += token.count
            return end
        }
        var builder = DoubleArrayBuilder(tokens: tokens)
        nodes = builder.build()
    }

    /// How token `id` is spelled; empty for an id outside the vocabulary.
    package func piece(_ id: Int32) -> String {
        guard id >= 0 && id < count else { return "" }
        let start = id == 0 ? 0 : ends[Int(id) - 1]
        return String(decoding: spelling[start..<ends[Int(id)]], as: UTF8.self)
    }

    /// The id of the token that is spelled so; nil if there is none.
    package func id(ofPiece piece: String) -> Int32? {
        guard let node = node(ofPrefix: piece) else { return nil }
        let token = nodes[node].token
        return token < 0 ? nil : token
    }

    /// The node at which every token that begins so hangs; nil if there is no such token.
    func node(ofPrefix prefix: String) -> Int? {
        var node = Self.root
        for byte in prefix.utf8 {
            let child = Int(nodes[node].base) + Int(byte)
            guard nodes[child].parent == node else { return nil }
            node = child
        }
        return node
    }
}

/// Lays the trie of some tokens out as a double array, level by level.
private struct DoubleArrayBuilder {
    typealias Node = WordPieceVocabulary.Node

    /// A node whose children are yet to be placed: those of `order[range]` share the first `depth` bytes.
    private struct Pending {
        let node: Int
        let range: Range<Int>
        let depth: Int
    }

    private let tokens: [[UInt8]]
    private var order: [Int]
    private var nodes: [Node]
    /// No cell before this one is free.
    private var firstFree = 1
    /// Where the search of a place for several children starts.
    private var searchStart = 1

    init(tokens: [[UInt8]]) {
        self.tokens = tokens
        order = Array(tokens.indices)
        nodes = Array(repeating: Node(), count: 1024)
        nodes[WordPieceVocabulary.root].parent = Node.noParent
    }

    mutating func build() -> [Node] {
        var queue = [Pending(node: WordPieceVocabulary.root, range: order.indices, depth: 0)]
        var next = 0
        while next < queue.count {
            let pending = queue[next]
            next += 1
            expand(pending, into: &queue)
        }
        let used = nodes.lastIndex { $0.parent != Node.free } ?? 0
        let missing = used + 257 - nodes.count
        if missing > 0 { nodes += Array(repeating: Node(), count: missing) }
        return Array(nodes.prefix(used + 257))
    }

    private mutating func expand(_ pending: Pending, into queue: inout [Pending]) {
        let depth = pending.depth
        var longer: [Int] = []
        for token in order[pending.range] {
            if tokens[token].count == depth {
                nodes[pending.node].token = Int32(token)
            } else {
                longer.append(token)
            }
        }
        guard !longer.isEmpty else { return }
        // Swift's sort is stable, so among equal tokens the last stays last.
        if longer.count > 1 { longer.sort { tokens[$0][depth] < tokens[$1][depth] } }
        let start = pending.range.upperBound - longer.count
        order.replaceSubrange(start..<pending.range.upperBound, with: longer)

        var groups: [(byte: UInt8, range: Range<Int>)] = []
        for (offset, token) in longer.enumerated() {
            let byte = tokens[token][depth]
            if let last = groups.indices.last, groups[last].byte == byte {
                groups[last].range = groups[last].range.lowerBound..<start + offset + 1
            } else {
                groups.append((byte, start + offset..<start + offset + 1))
            }
        }
        let base = place(groups.map { Int($0.byte) })
        nodes[pending.node].base = Int32(base)
        for group in groups {
            let child = base + Int(group.byte)
            nodes[child].parent = Int32(pending.node)
            queue.append(Pending(node: child, range: group.range, depth: depth + 1))
        }
    }

    /// A base at which the cells of all these bytes (ascending) are free.
    private mutating func place(_ bytes: [Int]) -> Int {
        while isTaken(firstFree) { firstFree += 1 }
        searchStart = max(searchStart, firstFree)
        var position = max(bytes.count == 1 ? firstFree : searchStart, bytes[0] + 1)
        var taken = 0
        let start = position
        while !bytes.allSatisfy({ !isTaken(position - bytes[0] + $0) }) {
            if isTaken(position) { taken += 1 }
            position += 1
        }
        // A stretch that is nearly full is not searched again.
        if bytes.count > 1 && position - start > 64 && taken * 20 > (position - start) * 19 { searchStart = position }
        return position - bytes[0]
    }

    private mutating func isTaken(_ cell: Int) -> Bool {
        if cell >= nodes.count { nodes += Array(repeating: Node(), count: max(nodes.count, cell)) }
        return nodes[cell].parent != Node.free
    }
}
