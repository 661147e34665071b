import FoundationEssentials
import Glibc

/// Directories that are replaced as a whole.
enum AtomicDirectory {
    /// Calls `fill` with the path of a fresh directory beside `path`, then puts that directory in `path`'s place. A
    /// failure leaves `path` as it was.
    ///
    /// An existing directory is replaced only if it holds nothing but `replaceable` names, so that a mistyped path
    /// costs nobody their files. Throws `fileSystem`.
    static func replace(_ path: String, replaceable: Set<String>, fill: (String) throws -> Void) throws {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let manager = FileManager.default
        let exists = manager.fileExists(atPath: path)
        if exists {
            guard let names = try? manager.contentsOfDirectory(atPath: path) else {
                throw ModelsError(.fileSystem, source: path, "not a directory that can be read")
            }
            if let foreign = names.sorted().first(where: { !replaceable.contains($0) }) {
                throw ModelsError(
                    .fileSystem, source: path,
                    "will not be replaced: it holds '\(foreign)', which is no part of a model")
            }
        }
        let temporary = "\(path).\(getpid()).temporary"
        do {
            try? manager.removeItem(atPath: temporary)
            try manager.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        } catch {
            throw ModelsError(.fileSystem, source: path, "cannot create the directory")
        }
        defer { try? manager.removeItem(atPath: temporary) }
        try fill(temporary)
        try syncDirectory(temporary)
        guard exists else { return try Self.rename(temporary, to: path) }
        // Two renames: between them the old directory is whole under another name, and comes back if the second fails.
        let previous = "\(path).\(getpid()).previous"
        try Self.rename(path, to: previous)
        do {
            try Self.rename(temporary, to: path)
        } catch {
            try Self.rename(previous, to: path)
            throw error
        }
        try? manager.removeItem(atPath: previous)
    }

    private static func rename(_ path: String, to destination: String) throws(ModelsError) {
        guard unsafe Glibc.rename(path, destination) == 0 else {
            throw ModelsError(.fileSystem, source: destination, "cannot rename: \(systemErrorText())")
        }
        try syncDirectory(parentDirectory(of: destination))
    }
}
