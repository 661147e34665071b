import Foundation
import Models
import Testing

/// The files that scripts/goldens/checkpoints.py and tensorflow_checkpoints.py made.
enum CheckpointFixtures {
    /// The path of `name`.
    static func path(_ name: String) throws -> String {
        let directory = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        return directory.appending(path: "checkpoints/\(name)").path()
    }

    /// The bytes of `name`.
    static func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(filePath: path(name))))
    }

    /// Writes `bytes` as a new file at `path`: one that is emptied and written again would be flushed to the disk.
    static func write(_ bytes: [UInt8], to path: String) throws {
        try? FileManager.default.removeItem(atPath: path)
        try Data(bytes).write(to: URL(filePath: path))
    }

    /// Writes `bytes` as `path` and opens it. Nil if that is refused.
    static func open(_ bytes: [UInt8], at path: String) throws -> (any StateDictSource)? {
        try write(bytes, to: path)
        do throws(ModelsError) {
            return try StateDictFiles.open(path)
        } catch {
            return nil
        }
    }

    /// The error with which opening `path` ends; nil if it opens.
    static func failure(_ path: String) -> ModelsError? {
        do throws(ModelsError) {
            _ = try StateDictFiles.open(path)
            return nil
        } catch {
            return error
        }
    }
}

extension Array where Element == UInt8 {
    /// Replaces the only occurrence of `old` by `new`.
    func replacingOnly(_ old: [UInt8], with new: [UInt8]) throws -> [UInt8] {
        let places = indices.filter { $0 + old.count <= count && Array(self[$0..<$0 + old.count]) == old }
        try #require(places.count == 1, "\(places.count) occurrences of \(old)")
        return Array(self[..<places[0]]) + new + Array(self[(places[0] + old.count)...])
    }
}
