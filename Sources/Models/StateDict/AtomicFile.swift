import Glibc

/// The operating system's words for the current `errno`.
func systemErrorText() -> String { unsafe String(cString: strerror(errno)) }

/// A file that appears under its name complete and synced to disk, or not at all.
struct AtomicFile: ~Copyable {
    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32

    /// Opens a temporary file beside `path`. Throws `fileSystem`.
    init(path: String) throws(ModelsError) {
        self.path = path
        temporaryPath = "\(path).\(getpid()).temporary"
        descriptor = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 {
            throw ModelsError(.fileSystem, source: path, "cannot create: \(systemErrorText())")
        }
    }

    /// Appends all of `bytes`.
    func write(_ bytes: UnsafeRawBufferPointer) throws(ModelsError) {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            // One call writes at most 2 GiB, and may write less than asked for.
            let chunk = unsafe UnsafeRawBufferPointer(rebasing: rest)
            let count = unsafe Glibc.write(descriptor, chunk.baseAddress, min(chunk.count, 1 << 30))
            if count < 0 {
                if errno == EINTR { continue }
                throw ModelsError(.fileSystem, source: path, "cannot write: \(systemErrorText())")
            }
            unsafe rest = unsafe rest.dropFirst(count)
        }
    }

    /// Appends all of `bytes`.
    func write(_ bytes: [UInt8]) throws(ModelsError) {
        let failure: ModelsError? = unsafe bytes.withUnsafeBytes { bytes in
            do throws(ModelsError) {
                try unsafe write(bytes)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Syncs the data, gives the file its name and syncs the directory entry. Nothing may be written afterwards.
    mutating func commit() throws(ModelsError) {
        guard fsync(descriptor) == 0 else {
            throw ModelsError(.fileSystem, source: path, "cannot sync: \(systemErrorText())")
        }
        guard unsafe rename(temporaryPath, path) == 0 else {
            throw ModelsError(.fileSystem, source: path, "cannot rename: \(systemErrorText())")
        }
        close(descriptor)
        descriptor = -1
        try syncDirectory(parentDirectory(of: path))
    }

    deinit {
        // Not committed: leave nothing behind.
        guard descriptor >= 0 else { return }
        close(descriptor)
        unsafe unlink(temporaryPath)
    }
}

/// The directory that holds `path`.
func parentDirectory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Makes the names in `directory` durable. Throws `fileSystem`.
func syncDirectory(_ directory: String) throws(ModelsError) {
    let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
        throw ModelsError(.fileSystem, source: directory, "cannot open: \(systemErrorText())")
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
        throw ModelsError(.fileSystem, source: directory, "cannot sync: \(systemErrorText())")
    }
}
