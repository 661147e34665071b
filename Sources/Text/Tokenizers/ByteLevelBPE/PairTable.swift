/// What two neighbouring tokens merge into, as a hash table with open addressing.
struct PairTable: Sendable {
    /// A merge.
    struct Entry: Sendable {
        /// The ids of both tokens; the empty entry has the pair of ids -1.
        fileprivate(set) var pair: UInt64 = .max
        /// The lower, the earlier it is made.
        fileprivate(set) var rank: Int32 = .max
        /// The id that it makes.
        fileprivate(set) var result: Int32 = -1
    }

    /// A power of two of entries, at most half of them taken.
    private(set) var entries: [Entry]

    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        entries = Array(repeating: Entry(), count: size)
    }

    /// Adds a merge; of two for one pair the last counts.
    mutating func insert(_ left: Int32, _ right: Int32, rank: Int32, result: Int32) {
        let pair = Self.pair(left, right)
        var slot = Self.slot(pair, entries.count)
        while entries[slot].pair != .max && entries[slot].pair != pair { slot = (slot + 1) & (entries.count - 1) }
        entries[slot] = Entry(pair: pair, rank: rank, result: result)
    }

    /// The merge of two tokens in the entries of a table; one of rank `Int32.max` if there is none.
    @inline(__always)
    static func find(_ left: Int32, _ right: Int32, in entries: Span<Entry>) -> Entry {
        let pair = pair(left, right)
        var slot = slot(pair, entries.count)
        while true {
            let entry = entries[slot]
            if entry.pair == pair || entry.pair == .max { return entry }
            slot = (slot + 1) & (entries.count - 1)
        }
    }

    @inline(__always)
    private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private static func slot(_ pair: UInt64, _ count: Int) -> Int {
        Int(truncatingIfNeeded: (pair &* 0x9E37_79B9_7F4A_7C15) >> 32) & (count - 1)
    }
}

/// Whole words that are one token, as a hash table over their bytes with open addressing.
struct WordTable: Sendable {
    /// A word: where its bytes lie in `bytes`, and its token.
    struct Entry: Sendable {
        fileprivate(set) var hash: UInt32 = 0
        fileprivate(set) var start: Int32 = 0
        /// 0 in an empty entry.
        fileprivate(set) var count: Int32 = 0
        fileprivate(set) var id: Int32 = -1
    }

    /// The bytes of all words.
    private(set) var bytes: [UInt8] = []
    /// A power of two of entries, at most half of them taken.
    private(set) var entries: [Entry]
    /// The bytes of the longest word.
    private(set) var longest = 0

    init(_ words: [(bytes: [UInt8], id: Int32)]) {
        var size = 16
        while size < words.count * 2 { size *= 2 }
        entries = Array(repeating: Entry(), count: size)
        for word in words where !word.bytes.isEmpty {
            let hash = Self.hash(word.bytes.span, 0..<word.bytes.count)
            var slot = Int(hash) & (size - 1)
            while entries[slot].count != 0 { slot = (slot + 1) & (size - 1) }
            entries[slot] = Entry(
                hash: hash, start: Int32(bytes.count), count: Int32(word.bytes.count), id: word.id)
            bytes += word.bytes
            longest = max(longest, word.bytes.count)
        }
    }

    /// The token of a word of the text among the entries of a table; -1 if the word is not one token.
    @inline(__always)
    static func find(
        _ text: Span<UInt8>, _ word: Range<Int>, in entries: Span<Entry>, _ bytes: Span<UInt8>
    ) -> Int32 {
        let hash = hash(text, word)
        var slot = Int(hash) & (entries.count - 1)
        while true {
            let entry = entries[slot]
            if entry.count == 0 { return -1 }
            if entry.hash == hash && Int(entry.count) == word.count {
                var index = 0
                while index < word.count && bytes[Int(entry.start) + index] == text[word.lowerBound + index] {
                    index += 1
                }
                if index == word.count { return entry.id }
            }
            slot = (slot + 1) & (entries.count - 1)
        }
    }

    /// FNV-1a, folded to 32 bits.
    @inline(__always)
    private static func hash(_ text: Span<UInt8>, _ word: Range<Int>) -> UInt32 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in word { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01B3 }
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
}
