import FoundationEssentials
import Glibc

/// The content of a checkpoint's `state.json`: the state, and the size and sum of every other file.
///
/// The text is canonical and carries a sum over itself, so that any altered byte is noticed.
struct CheckpointManifest: Codable {
    static let fileName = "state.json"
    private static let format = "troupe checkpoint 1"
    /// A manifest is small; more is a sign of another file.
    private static let maximumBytes = 1 << 20

    struct File: Codable, Equatable {
        var bytes: Int
        var sha256: String
    }

    private var format: String
    var state: CheckpointState
    var files: [String: File]
    /// Sum over the text of this manifest with this field empty.
    private var sha256: String

    init(state: CheckpointState, files: [String: File]) {
        format = Self.format
        self.state = state
        self.files = files
        sha256 = ""
    }

    /// The canonical text: sorted keys, one per line.
    func encoded() throws -> Data {
        var sealed = self
        sealed.sha256 = ""
        sealed.sha256 = Self.sum(try Self.text(sealed))
        return try Self.text(sealed)
    }

    /// Reads and verifies `path`.
    ///
    /// - Throws: `damagedCheckpoint` naming the file.
    static func read(path: String) throws(AlgorithmsError) -> CheckpointManifest {
        func damaged(_ message: String) -> AlgorithmsError {
            AlgorithmsError(.damagedCheckpoint, subject: path, message)
        }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { throw damaged("is missing or unreadable") }
        guard data.count <= maximumBytes else { throw damaged("has \(data.count) bytes, too many for a manifest") }
        guard let manifest = try? JSONDecoder().decode(CheckpointManifest.self, from: data) else {
            throw damaged("is torn or altered: not a manifest (\(data.count) bytes)")
        }
        guard manifest.format == format else {
            throw damaged("expected format \"\(format)\", got \"\(manifest.format)\"")
        }
        guard let canonical = try? manifest.encoded(), canonical == data else {
            throw damaged("is altered: its text does not give its sum")
        }
        return manifest
    }

    private static func text(_ manifest: CheckpointManifest) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(manifest) + Data("\n".utf8)
    }

    private static func sum(_ data: Data) -> String {
        var digest = SHA256Digest()
        unsafe data.withUnsafeBytes { unsafe digest.update(bytes: $0) }
        return digest.finalize()
    }
}
