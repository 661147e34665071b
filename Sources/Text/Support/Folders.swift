internal import Foundation

/// Directory operations with our errors.
enum Folders {
    /// Whether there is a file or directory at `path`.
    static func contains(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Creates a directory and its parents if they are missing.
    static func create(_ path: String) throws(TextError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw TextError(.unwritable, "cannot create directory \(path): \(error.localizedDescription)")
        }
    }

    /// An empty directory at `path`, whatever was there.
    static func recreate(_ path: String) throws(TextError) {
        removeIfPresent(path)
        try create(path)
    }

    /// Removes a file or a directory with all it holds; not being there is fine.
    static func removeIfPresent(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Puts the finished directory `staging` at `path`; what was there is moved aside first and then removed, so that
    /// `path` never holds a mixture.
    static func replace(_ path: String, with staging: String) throws(TextError) {
        let files = FileManager.default
        let aside = "\(staging)-old"
        do {
            if files.fileExists(atPath: path) { try files.moveItem(atPath: path, toPath: aside) }
            try files.moveItem(atPath: staging, toPath: path)
        } catch {
            throw TextError(.unwritable, "cannot put \(staging) at \(path): \(error.localizedDescription)")
        }
        removeIfPresent(aside)
    }
}
