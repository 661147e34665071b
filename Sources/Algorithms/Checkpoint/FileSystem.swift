import Glibc

/// The few calls of the operating system that saving needs, with errors that name the path.
enum FileSystem {
    static func failure(_ path: String, _ verb: String, _ code: Int32 = errno) -> AlgorithmsError {
        let reason = unsafe String(cString: strerror(code))
        return AlgorithmsError(code == ENOSPC ? .noSpace : .storage, subject: path, "cannot \(verb): \(reason)")
    }

    /// Writes a new file and syncs it.
    static func write(_ bytes: [UInt8], to path: String) throws(AlgorithmsError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, "create") }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "write") }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw failure(path, "sync") }
    }

    /// Makes the names in a directory durable.
    static func syncDirectory(_ path: String) throws(AlgorithmsError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path, "sync") }
    }

    static func rename(_ path: String, to destination: String) throws(AlgorithmsError) {
        guard unsafe Glibc.rename(path, destination) == 0 else { throw failure(path, "rename to \(destination)") }
    }

    /// Bytes that an ordinary user may still write to the file system of `path`.
    static func freeBytes(at path: String) throws(AlgorithmsError) -> Int {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { throw failure(path, "ask for free space") }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? Int.max : Int(clamping: bytes)
    }

    /// All bytes of a file.
    static func content(of path: String) throws(AlgorithmsError) -> [UInt8] {
        var bytes: [UInt8] = []
        unsafe try readPieces(of: path) { unsafe bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Size and SHA-256 of a file.
    static func sum(of path: String) throws(AlgorithmsError) -> (bytes: Int, sha256: String) {
        var digest = SHA256Digest()
        var total = 0
        unsafe try readPieces(of: path) {
            total += $0.count
            unsafe digest.update(bytes: $0)
        }
        return (total, digest.finalize())
    }

    private static func readPieces(
        of path: String, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(AlgorithmsError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, "read") }
            if count == 0 { return }
            unsafe buffer.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }
}
