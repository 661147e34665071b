/// Finds special tokens that are written out in a text, before anything else is done to it.
struct SpecialTokenSplitter: Sendable {
    /// A stretch of a text.
    @safe enum Part {
        /// A special token, and the characters it stands in.
        case special(id: Int32, range: Range<Int>)
        /// What stands between, and the number of characters before it.
        case text(UnsafeBufferPointer<UInt8>, firstScalar: Int)
    }

    private let tokens: [(bytes: [UInt8], id: Int32)]
    /// Whether a token begins with this byte.
    private let begins: [Bool]

    /// Longer tokens win where one begins with another.
    init(_ tokens: [(String, Int32)]) {
        self.tokens = tokens.map { (Array($0.0.utf8), $0.1) }.sorted { $0.bytes.count > $1.bytes.count }
        var begins = [Bool](repeating: false, count: 256)
        for (bytes, _) in self.tokens { if let first = bytes.first { begins[Int(first)] = true } }
        self.begins = begins
    }

    /// Calls `body` with the parts of a text in order.
    func split(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (Part) -> Void) {
        var (start, scalars, place) = (0, 0, 0)
        while place < bytes.count {
            guard unsafe begins[Int(bytes[place])], let (length, id) = unsafe token(in: bytes, at: place) else {
                place += 1
                continue
            }
            let before = unsafe UnsafeBufferPointer(rebasing: bytes[start..<place])
            if !before.isEmpty { body(unsafe .text(before, firstScalar: scalars)) }
            unsafe scalars += Self.scalarCount(before)
            let matched = unsafe Self.scalarCount(UnsafeBufferPointer(rebasing: bytes[place..<place + length]))
            body(.special(id: id, range: scalars..<scalars + matched))
            scalars += matched
            place += length
            start = place
        }
        let rest = unsafe UnsafeBufferPointer(rebasing: bytes[start...])
        if !rest.isEmpty { body(unsafe .text(rest, firstScalar: scalars)) }
    }

    private func token(in bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> (length: Int, id: Int32)? {
        for (token, id) in tokens where place + token.count <= bytes.count {
            if token.indices.allSatisfy({ unsafe bytes[place + $0] == token[$0] }) { return (token.count, id) }
        }
        return nil
    }

    private static func scalarCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        unsafe bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
}
