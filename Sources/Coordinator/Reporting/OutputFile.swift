import Glibc

/// An open file that is only written to; closed when it goes out of scope.
///
/// Every failure is a `CoordinatorError` with code `storage` that names the file and the system's reason.
struct OutputFile: ~Copyable, Sendable {
    private let descriptor: Int32
    let path: String

    /// Opens `path` for writing at its end and creates it if need be; children of this process do not inherit it.
    init(appendingTo path: String) throws(CoordinatorError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
    }

    /// Creates `path` empty, replacing what was there.
    init(replacing path: String) throws(CoordinatorError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure("create", path) }
    }

    deinit { close(descriptor) }

    /// Writes all bytes; a line given in one call reaches the file in one system call unless the disk is full.
    func write(_ bytes: [UInt8]) throws(CoordinatorError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure("write", path)
            }
            written += count
        }
    }

    /// Cuts the file to its first `length` bytes.
    func truncate(to length: Int) throws(CoordinatorError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw Self.failure("truncate", path) }
    }

    /// Waits until the bytes are on the disk.
    func synchronize() throws(CoordinatorError) {
        guard fsync(descriptor) == 0 else { throw Self.failure("synchronize", path) }
    }

    /// Replaces the content of `path` so that a reader, or a crash at any moment, finds the old bytes or the new ones.
    static func replace(_ path: String, with bytes: [UInt8]) throws(CoordinatorError) {
        let draft = "\(path).\(getpid()).tmp"
        do {
            let file = try OutputFile(replacing: draft)
            try file.write(bytes)
            try file.synchronize()
        } catch {
            unsafe unlink(draft)
            throw error
        }
        guard unsafe rename(draft, path) == 0 else {
            let error = failure("replace", path)
            unsafe unlink(draft)
            throw error
        }
    }

    /// The whole content of a file.
    static func content(of path: String) throws(CoordinatorError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress!, $0.count) }
            if count > 0 {
                content += buffer[..<count]
            } else if count == 0 {
                return content
            } else if errno != EINTR {
                throw failure("read", path)
            }
        }
    }

    /// The error for a system call that just failed; reads `errno`.
    static func failure(_ verb: String, _ path: String) -> CoordinatorError {
        let reason = unsafe String(cString: strerror(errno))
        return CoordinatorError(.storage, "\(path): cannot \(verb): \(reason)")
    }
}
