internal import Glibc

/// A file that appears under its name only when it is complete: written under a temporary name beside it, flushed to
/// disk, renamed. If it is dropped before `finish`, the temporary file is removed.
final class OutputFile {
    private static let flushThreshold = 1 << 20

    let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private var pending: [UInt8] = []
    /// Bytes appended so far.
    private(set) var count = 0

    /// Creates the temporary file; throws `unwritable`.
    init(_ path: String) throws(TextError) {
        self.path = path
        temporaryPath = "\(path).partial-\(getpid())"
        descriptor = unsafe open(temporaryPath, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw systemError(.unwritable, "cannot create", temporaryPath) }
        pending.reserveCapacity(Self.flushThreshold * 2)
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unsafe unlink(temporaryPath)
    }

    /// Adds bytes at the end.
    func append(_ bytes: some Sequence<UInt8>) throws(TextError) {
        let before = pending.count
        pending.append(contentsOf: bytes)
        count += pending.count - before
        if pending.count >= Self.flushThreshold { try flush() }
    }

    /// Adds the memory image (little-endian on every machine we run on) of integers.
    func append<Element: FixedWidthInteger & BitwiseCopyable>(integers: [Element]) throws(TextError) {
        unsafe integers.withUnsafeBytes { unsafe pending.append(contentsOf: $0) }
        count += integers.count * MemoryLayout<Element>.stride
        if pending.count >= Self.flushThreshold { try flush() }
    }

    /// Replaces bytes that were written before, at `offset` from the start.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(TextError) {
        try flush()
        precondition(offset + bytes.count <= count, "only bytes already written can be replaced")
        let written = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, offset) }
        guard written == bytes.count else { throw systemError(.unwritable, "cannot write", temporaryPath) }
    }

    /// Flushes to disk and gives the file its name.
    func finish() throws(TextError) {
        try flush()
        guard fsync(descriptor) == 0, close(descriptor) == 0 else {
            throw systemError(.unwritable, "cannot flush", temporaryPath)
        }
        descriptor = -1
        guard unsafe rename(temporaryPath, path) == 0 else {
            let error = systemError(.unwritable, "cannot rename to", path)
            unsafe unlink(temporaryPath)
            throw error
        }
    }

    private func flush() throws(TextError) {
        var done = 0
        while done < pending.count {
            let written = unsafe pending.withUnsafeBytes { bytes in
                unsafe write(descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw systemError(.unwritable, "cannot write", temporaryPath) }
            done += written
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// Writes a whole file at once.
    static func create(_ path: String, _ bytes: some Sequence<UInt8>) throws(TextError) {
        let file = try OutputFile(path)
        try file.append(bytes)
        try file.finish()
    }
}
