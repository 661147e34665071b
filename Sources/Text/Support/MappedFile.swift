internal import Glibc

/// A file mapped into memory for reading. The mapping is private to this object and never written, so any number of
/// threads may read it; it lives until the last reference goes.
@safe
package final class MappedFile: @unchecked Sendable {
    /// Where the file is.
    package let path: String
    /// Size in bytes.
    package let count: Int
    private let base: UnsafeMutableRawPointer?

    /// Maps the file at `path`; throws `unreadable`.
    package init(_ path: String) throws(TextError) {
        self.path = path
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError(.unreadable, "cannot open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw TextError(.unreadable, "\(path) is not a regular file")
        }
        count = Int(status.st_size)
        guard count > 0 else {
            unsafe base = nil
            return
        }
        let mapping = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            throw systemError(.unreadable, "cannot map", path)
        }
        unsafe base = mapping
    }

    deinit {
        if let base = unsafe base { unsafe munmap(base, count) }
    }

    /// Calls `body` with the bytes; they must not be used after it returns.
    package func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// The digest of the whole file.
    package func digest() -> String {
        var digest = ContentDigest()
        unsafe withBytes { unsafe digest.update($0) }
        return digest.hexadecimal()
    }
}

/// An error that names the file and what the operating system said.
func systemError(_ code: TextError.Code, _ what: String, _ path: String) -> TextError {
    let reason = unsafe String(cString: strerror(errno))
    return TextError(code, "\(what) \(path): \(reason)")
}
