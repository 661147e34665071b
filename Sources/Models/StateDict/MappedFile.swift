import Glibc

/// A regular file, memory-mapped for reading. Every access is checked against the file's end.
///
/// The file must be replaced by rename, never overwritten, while it is mapped.
@safe
final class MappedFile: @unchecked Sendable {
    /// The file, as it was opened.
    let path: String
    /// Never changed after `init`, hence free to share between threads.
    private let bytes: UnsafeRawBufferPointer

    /// Number of bytes.
    let count: Int

    /// Maps `path`. Throws `fileSystem`.
    init(path: String) throws(ModelsError) {
        func failure(_ what: String) -> ModelsError {
            ModelsError(.fileSystem, source: path, "cannot \(what): \(systemErrorText())")
        }
        // Not to wait for a writer if the path is a pipe.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("read the size") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ModelsError(.fileSystem, source: path, "not a regular file")
        }
        self.path = path
        let size = Int(status.st_size)
        count = size
        if size == 0 {
            unsafe bytes = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        } else {
            guard let base = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), unsafe base != MAP_FAILED
            else { throw failure("map") }
            unsafe bytes = unsafe UnsafeRawBufferPointer(start: base, count: size)
        }
    }

    deinit {
        if let base = unsafe bytes.baseAddress { unsafe munmap(UnsafeMutableRawPointer(mutating: base), count) }
    }

    /// Whether `range` lies inside the file.
    func contains(_ range: Range<Int>) -> Bool { range.lowerBound >= 0 && range.upperBound <= count }

    /// The bytes of `range`.
    ///
    /// - Precondition: `range` lies inside the file.
    func withBytes<Result, Failure>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(contains(range), "bytes \(range) of a file of \(count)")
        return try unsafe body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    /// A copy of the bytes of `range`.
    ///
    /// - Precondition: `range` lies inside the file.
    func array(_ range: Range<Int>) -> [UInt8] { unsafe withBytes(range) { unsafe Array($0) } }

    /// The little-endian integer at byte `position`; nil if the file ends before.
    func integer<Integer: FixedWidthInteger & BitwiseCopyable>(at position: Int, as type: Integer.Type) -> Integer? {
        guard position >= 0, position <= count - MemoryLayout<Integer>.size else { return nil }
        return Integer(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: position, as: type))
    }
}

/// Reads a stretch of a mapped file from front to back. What would pass its end throws `malformedFile`.
struct ByteCursor {
    let file: MappedFile
    /// What is read, for error messages, e.g. `data.pkl`.
    let subject: String
    /// The byte of the file that is read next.
    private(set) var position: Int
    let end: Int

    /// Bytes not yet read.
    var remaining: Int { end - position }

    /// Reads `range`, or the whole file.
    ///
    /// - Precondition: `range` lies inside the file.
    init(_ file: MappedFile, _ range: Range<Int>? = nil, subject: String) {
        let range = range ?? 0..<file.count
        precondition(file.contains(range), "bytes \(range) of a file of \(file.count)")
        self.file = file
        self.subject = subject
        position = range.lowerBound
        end = range.upperBound
    }

    /// An error at the place that is read next.
    func malformed(_ message: String) -> ModelsError {
        ModelsError(.malformedFile, source: file.path, "\(subject), byte \(position): \(message)")
    }

    /// The next `count` bytes, as a range of the file.
    mutating func skip(_ count: Int) throws(ModelsError) -> Range<Int> {
        guard count >= 0, count <= remaining else {
            throw malformed("expected \(count) more bytes, got the end after \(remaining)")
        }
        defer { position += count }
        return position..<position + count
    }

    /// The next little-endian integer.
    mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ type: Integer.Type
    ) throws(ModelsError) -> Integer {
        let range = try skip(MemoryLayout<Integer>.size)
        guard let value = file.integer(at: range.lowerBound, as: type) else { throw malformed("truncated") }
        return value
    }

    /// The next `count` bytes.
    mutating func bytes(_ count: Int) throws(ModelsError) -> [UInt8] { file.array(try skip(count)) }

    /// The next `count` bytes as UTF-8.
    mutating func text(_ count: Int) throws(ModelsError) -> String {
        let start = self
        guard let text = String(validating: try bytes(count), as: UTF8.self) else {
            throw start.malformed("expected UTF-8 text")
        }
        return text
    }

    /// The bytes up to the next line feed, which is skipped, as UTF-8.
    mutating func line() throws(ModelsError) -> String {
        var length = 0
        while length < remaining, file.integer(at: position + length, as: UInt8.self) != UInt8(ascii: "\n") {
            length += 1
        }
        let text = try text(length)
        _ = try skip(1)
        return text
    }

    /// The next base-128 integer of protocol buffers, least significant group first.
    mutating func varint() throws(ModelsError) -> UInt64 {
        let start = self
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try integer(UInt8.self)
            let group = UInt64(byte & 0x7F)
            guard (group << shift) >> shift == group else { break }
            value |= group << shift
            if byte < 0x80 { return value }
        }
        throw start.malformed("expected an integer of at most 64 bits")
    }

    /// The next varint as a length or offset; throws if it is larger than `limit`.
    mutating func size(upTo limit: Int) throws(ModelsError) -> Int {
        let start = self
        let value = try varint()
        guard value <= UInt64(limit) else { throw start.malformed("expected at most \(limit), got \(value)") }
        return Int(value)
    }
}
