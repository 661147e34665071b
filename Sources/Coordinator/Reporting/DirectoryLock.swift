import Glibc

/// An exclusive lock on a folder by a file in it; released when it goes out of scope or the process ends.
struct DirectoryLock: ~Copyable, Sendable {
    private let descriptor: Int32

    /// Takes the lock without waiting.
    ///
    /// - Throws: `CoordinatorError`: `locked`, naming the process that holds it; `storage`.
    init(path: String) throws(CoordinatorError) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw OutputFile.failure("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let busy = errno == EWOULDBLOCK
            guard busy else { throw OutputFile.failure("lock", path) }
            let holder = try String(decoding: OutputFile.content(of: path), as: UTF8.self).split(separator: "\n").first
            let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
            throw CoordinatorError(.locked, "\(folder): in use by process \(holder ?? "unknown")")
        }
        let name = Array("\(getpid()) on \(Self.hostName())\n".utf8)
        let written = unsafe name.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress!, $0.count, 0) }
        guard ftruncate(descriptor, off_t(name.count)) == 0, written == name.count else {
            throw OutputFile.failure("write", path)
        }
    }

    deinit { close(descriptor) }

    /// The name of this machine.
    static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
