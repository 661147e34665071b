internal import Glibc

/// Reads a text file line by line in constant memory. A line over the limit comes in several parts.
struct LineReader: ~Copyable {
    private static let chunkSize = 1 << 18

    private let path: String
    private let limit: Int
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    private var isInsideLongLine = false
    /// Lines that were cut so far.
    private(set) var overlongLines = 0
    /// Bytes read so far.
    private(set) var bytes = 0

    /// Opens the file; a line has at most `limit` bytes. Throws `unreadable`.
    init(_ path: String, limit: Int) throws(TextError) {
        precondition(limit >= 8, "a line must hold at least one character and a separator")
        self.path = path
        self.limit = limit
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError(.unreadable, "cannot open", path) }
    }

    deinit { close(descriptor) }

    /// The next line or part of a line without its end mark (LF or CRLF); nil at the end of the file.
    mutating func next() throws(TextError) -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")), end - start <= limit {
                let line = start
                start = end + 1
                isInsideLongLine = false
                let hasReturn = end > line && buffer[end - 1] == UInt8(ascii: "\r")
                return buffer[line..<(hasReturn ? end - 1 : end)]
            }
            if buffer.count - start > limit { return cut() }
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return buffer[start...]
            }
            searched = buffer.count - start
            try fill()
        }
    }

    /// The first `limit` bytes or fewer, ending after a blank if there is one, else before a whole character.
    private mutating func cut() -> ArraySlice<UInt8> {
        if !isInsideLongLine { overlongLines += 1 }
        isInsideLongLine = true
        let head = buffer[start..<start + limit]
        var end = head.endIndex
        if let blank = head.lastIndex(of: UInt8(ascii: " ")), blank > start {
            end = blank + 1
        } else {
            // Step back over continuation bytes so that no character is torn, but never more than one character.
            while end > start + limit - 4 && buffer[end] & 0xC0 == 0x80 { end -= 1 }
        }
        defer { start = end }
        return buffer[start..<end]
    }

    private mutating func fill() throws(TextError) {
        buffer.removeFirst(start)
        start = 0
        let used = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.chunkSize))
        var received = 0
        repeat {
            received = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe read(descriptor, bytes.baseAddress.map { unsafe $0 + used }, Self.chunkSize)
            }
        } while received < 0 && errno == EINTR
        let failure = received < 0 ? systemError(.unreadable, "cannot read", path) : nil
        buffer.removeLast(Self.chunkSize - max(received, 0))
        if let failure { throw failure }
        bytes += received
        isAtEnd = received == 0
    }
}
