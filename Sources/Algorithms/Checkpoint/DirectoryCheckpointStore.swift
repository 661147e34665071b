import FoundationEssentials
import Models

/// Checkpoints as directories `step-00000100` of `weights.safetensors`, `optimizer.safetensors` and `state.json`.
///
/// A checkpoint is written under another name, synced and renamed, so under its own name it is whole. Names that begin
/// with a dot belong to the writer: what it is writing, replacing or removing.
package struct DirectoryCheckpointStore: CheckpointStore {
    private static let weightsName = "weights.safetensors"
    private static let optimizerName = "optimizer.safetensors"
    private static let prefix = "step-"
    private static let writing = ".writing-"
    private static let replaced = ".replaced-"
    private static let removing = ".removing-"
    /// Room for headers, the manifest and the directories themselves.
    private static let overheadBytes = 1 << 20

    /// The directory that holds the checkpoints.
    package let directory: String
    private let keep: Int
    private let freeBytes: @Sendable (String) throws -> Int

    /// - Parameters:
    ///   - keep: checkpoints that stay; at least 1.
    ///   - freeBytes: how many bytes can still be written to the file system of a path.
    package init(
        directory: String, keep: Int, freeBytes: @escaping @Sendable (String) throws -> Int = FileSystem.freeBytes
    ) {
        precondition(keep >= 1, "a store keeps at least one checkpoint, not \(keep)")
        self.directory = directory
        self.keep = keep
        self.freeBytes = freeBytes
    }

    /// Makes the directory, removes what was being written or removed and puts back what was being replaced.
    package func prepare() throws {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw AlgorithmsError(.storage, subject: directory, "cannot be made: \(error)")
        }
        let names = try self.names()
        for name in names where name.hasPrefix(Self.writing) || name.hasPrefix(Self.removing) {
            try remove(path(name))
        }
        for name in names where name.hasPrefix(Self.replaced) {
            let original = String(name.dropFirst(Self.replaced.count))
            // The new one is in place, or the writer died before it was: then the old one still counts.
            if names.contains(original) {
                try remove(path(name))
            } else {
                try FileSystem.rename(path(name), to: path(original))
            }
        }
        try FileSystem.syncDirectory(directory)
    }

    /// Writes, syncs and renames; throws `noSpace` before writing if the disk is too full.
    package func save(_ checkpoint: Checkpoint) throws -> CheckpointReceipt {
        let name = Self.name(step: checkpoint.state.step)
        let needed = checkpoint.weights.byteCount + checkpoint.optimizer.byteCount + Self.overheadBytes
        let free = try freeBytes(directory)
        guard free >= needed else {
            throw AlgorithmsError(
                .noSpace, subject: path(name), "a checkpoint of \(needed) bytes does not fit, \(free) bytes are free")
        }
        let temporary = path(Self.writing + name)
        var finished = false
        defer { if !finished { try? FileManager.default.removeItem(atPath: temporary) } }
        let byteCount = try write(checkpoint, to: temporary)
        try publish(temporary, as: name)
        finished = true
        try dropOldest(upTo: checkpoint.state.step)
        return CheckpointReceipt(step: checkpoint.state.step, location: path(name), byteCount: byteCount)
    }

    /// Steps with a directory, ascending.
    package func steps() throws -> [Int] {
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        return try names().compactMap { name in
            guard name.hasPrefix(Self.prefix), let step = Int(name.dropFirst(Self.prefix.count)),
                name == Self.name(step: step)
            else { return nil }
            return step
        }.sorted()
    }

    /// Compares sizes and sums of all files with the manifest, then copies the tensors.
    package func load(step: Int) throws -> Checkpoint {
        let directory = path(Self.name(step: step))
        let manifest = try CheckpointManifest.read(path: "\(directory)/\(CheckpointManifest.fileName)")
        guard manifest.state.step == step else {
            throw AlgorithmsError(
                .damagedCheckpoint, subject: directory, "holds step \(manifest.state.step), expected \(step)")
        }
        return Checkpoint(
            state: manifest.state, weights: try load(Self.weightsName, of: directory, manifest),
            optimizer: try load(Self.optimizerName, of: directory, manifest))
    }

    // MARK: - Steps of a save

    /// Writes and syncs all files of a checkpoint in a fresh directory; returns their size.
    private func write(_ checkpoint: Checkpoint, to temporary: String) throws -> Int {
        do {
            try? FileManager.default.removeItem(atPath: temporary)
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: false)
        } catch {
            throw AlgorithmsError(.storage, subject: temporary, "cannot be made: \(error)")
        }
        var files: [String: CheckpointManifest.File] = [:]
        for (name, snapshot) in [(Self.weightsName, checkpoint.weights), (Self.optimizerName, checkpoint.optimizer)] {
            let file = "\(temporary)/\(name)"
            do {
                try SafetensorsWriter.write(snapshot.safetensorsItems, to: file)
            } catch let error as ModelsError {
                throw AlgorithmsError(.storage, subject: file, error.message)
            }
            let sum = try FileSystem.sum(of: file)
            files[name] = CheckpointManifest.File(bytes: sum.bytes, sha256: sum.sha256)
        }
        let manifest = try CheckpointManifest(state: checkpoint.state, files: files).encoded()
        try FileSystem.write(Array(manifest), to: "\(temporary)/\(CheckpointManifest.fileName)")
        try FileSystem.syncDirectory(temporary)
        return files.values.reduce(manifest.count) { $0 + $1.bytes }
    }

    /// Gives a complete directory its name. An older checkpoint of that step steps aside first and is put back by
    /// `prepare` if the writer dies in between.
    private func publish(_ temporary: String, as name: String) throws {
        let aside = path(Self.replaced + name)
        let exists = FileManager.default.fileExists(atPath: path(name))
        if exists { try FileSystem.rename(path(name), to: aside) }
        do {
            try FileSystem.rename(temporary, to: path(name))
        } catch {
            if exists { try FileSystem.rename(aside, to: path(name)) }
            throw error
        }
        try FileSystem.syncDirectory(directory)
        if exists { try remove(aside) }
    }

    /// Newer ones than the one just saved stay: the count must never push that one out.
    private func dropOldest(upTo step: Int) throws {
        for old in try steps().filter({ $0 <= step }).dropLast(keep) {
            let name = Self.name(step: old)
            // Renamed first, so that a checkpoint under its own name is never half removed.
            let doomed = path(Self.removing + name)
            try FileSystem.rename(path(name), to: doomed)
            try remove(doomed)
        }
    }

    private func load(_ name: String, of directory: String, _ manifest: CheckpointManifest) throws -> TensorSnapshot {
        let path = "\(directory)/\(name)"
        func damaged(_ message: String) -> AlgorithmsError {
            AlgorithmsError(.damagedCheckpoint, subject: path, message)
        }
        guard let expected = manifest.files[name] else { throw damaged("is not in the manifest") }
        guard FileManager.default.fileExists(atPath: path) else { throw damaged("is missing") }
        let found = try FileSystem.sum(of: path)
        guard found.bytes == expected.bytes else {
            throw damaged("is torn: expected \(expected.bytes) bytes, got \(found.bytes)")
        }
        guard found.sha256 == expected.sha256 else {
            throw damaged("is altered: expected SHA-256 \(expected.sha256), got \(found.sha256)")
        }
        return try TensorSnapshot(SafetensorsFile(path: path))
    }

    // MARK: - Names

    /// The name of the directory that holds the checkpoint of `step`.
    package static func name(step: Int) -> String {
        let digits = String(step)
        return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    private func names() throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch {
            throw AlgorithmsError(.storage, subject: directory, "cannot be listed: \(error)")
        }
    }

    private func remove(_ path: String) throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw AlgorithmsError(.storage, subject: path, "cannot be removed: \(error)")
        }
    }
}
