/// Walks MessagePack bytes without allocating and checks every length against the bytes that are there.
///
/// The C library sizes its arrays from the length in the input, so a five-byte message could ask for gigabytes; nothing
/// reaches the library before this scan has passed. Reference: MessagePack specification, "Formats".
enum WireScanner {
    /// Returns when `bytes` are exactly one value within the limits.
    static func check(_ bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count <= WireLimits.controlBytes else {
            throw WireError(.tooLarge, "message of \(bytes.count) bytes, at most \(WireLimits.controlBytes)")
        }
        var position = 0
        /// Values still to come in each open array or map, outermost first.
        var open = [1]
        while let remaining = open.last {
            if remaining == 0 {
                open.removeLast()
                continue
            }
            open[open.count - 1] = remaining - 1
            let children = try value(bytes, &position)
            guard children > 0 else { continue }
            guard children <= bytes.count - position else {
                throw WireError(.malformed, "\(children) values announced, \(bytes.count - position) bytes left")
            }
            guard open.count <= WireLimits.depth else {
                throw WireError(.tooLarge, "nested deeper than \(WireLimits.depth)")
            }
            open.append(children)
        }
        guard position == bytes.count else {
            throw WireError(.trailingBytes, "\(bytes.count - position) bytes behind the value")
        }
    }

    /// Skips one head with its payload; returns how many values nest below it.
    private static func value(_ bytes: Span<UInt8>, _ position: inout Int) throws(WireError) -> Int {
        let head = try integer(bytes, &position, width: 1)
        switch head {
        case 0x00...0x7f, 0xe0...0xff, 0xc0, 0xc2, 0xc3: return 0
        case 0x80...0x8f: return 2 * (head & 0x0f)
        case 0x90...0x9f: return head & 0x0f
        case 0xa0...0xbf: try skip(head & 0x1f, bytes, &position)
        case 0xc4...0xc6: try skip(integer(bytes, &position, width: 1 << (head - 0xc4)), bytes, &position)
        case 0xca: try skip(4, bytes, &position)
        case 0xcb: try skip(8, bytes, &position)
        case 0xcc...0xcf: try skip(1 << (head - 0xcc), bytes, &position)
        case 0xd0...0xd3: try skip(1 << (head - 0xd0), bytes, &position)
        case 0xd9...0xdb: try skip(integer(bytes, &position, width: 1 << (head - 0xd9)), bytes, &position)
        case 0xdc, 0xdd: return try integer(bytes, &position, width: 2 << (head - 0xdc))
        case 0xde, 0xdf: return try 2 * integer(bytes, &position, width: 2 << (head - 0xde))
        default: throw WireError(.malformed, "head byte \(head) at \(position - 1) is no type we send")
        }
        return 0
    }

    /// A big-endian number of `width` bytes, at most 4.
    private static func integer(_ bytes: Span<UInt8>, _ position: inout Int, width: Int) throws(WireError) -> Int {
        guard width <= bytes.count - position else {
            throw WireError(.malformed, "cut off at byte \(bytes.count)")
        }
        var result = 0
        for offset in 0..<width { result = result << 8 | Int(bytes[position + offset]) }
        position += width
        return result
    }

    private static func skip(_ count: Int, _ bytes: Span<UInt8>, _ position: inout Int) throws(WireError) {
        guard count <= bytes.count - position else {
            throw WireError(.malformed, "\(count) bytes announced, \(bytes.count - position) left")
        }
        position += count
    }
}
