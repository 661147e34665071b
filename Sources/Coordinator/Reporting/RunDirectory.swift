import Glibc

/// The folder of one run, held by one coordinator at a time.
///
/// It is locked from `open` until this object is released; the lock dies with the process, so a killed coordinator
/// never leaves a directory that cannot be used.
package final class RunDirectory: Sendable {
    /// The folder itself, as it was given.
    package let path: String
    /// Whether the folder already held this run when it was opened.
    package let isResumed: Bool

    private let lock: DirectoryLock

    /// The resolved configuration.
    package var configurationPath: String { "\(path)/config.yaml" }
    /// One line of numbers per step.
    package var metricsPath: String { "\(path)/metrics.jsonl" }
    /// One line per event.
    package var eventsPath: String { "\(path)/events.jsonl" }
    /// The folder of TensorBoard event files.
    package var tensorBoardPath: String { "\(path)/tensorboard" }
    /// The folder of checkpoints.
    package var checkpointsPath: String { "\(path)/checkpoints" }
    /// The folder of the trained model.
    package var modelPath: String { "\(path)/model" }
    /// What came out.
    package var resultPath: String { "\(path)/result.json" }
    /// The page with plots.
    package var reportPath: String { "\(path)/report.html" }

    /// Opens the directory of a run: makes it, or checks that it belongs to the same run.
    ///
    /// - Parameters:
    ///   - configuration: the resolved run file, written to `config.yaml` of a new run.
    ///   - resuming: whether a run that is already there may be continued; a new one may always be begun.
    ///   - mustExist: whether a run has to be there.
    ///   - difference: in which keys the run file that is there differs from the given one; nil if the given one may
    ///     continue its run.
    /// - Throws: `CoordinatorError`: `locked`, `anotherConfiguration`, `occupied`, `storage`; what `difference` throws.
    ///   Nothing that was there is changed then.
    package static func open(
        _ path: String, configuration: String, resuming: Bool, mustExist: Bool = false,
        difference: (String) throws -> String?
    ) throws -> RunDirectory {
        guard !mustExist || exists("\(path)/config.yaml") else {
            throw CoordinatorError(.storage, "\(path): holds no run to continue")
        }
        try makeFolder(path)
        let directory = RunDirectory(
            path: path, isResumed: exists("\(path)/config.yaml"), lock: try DirectoryLock(path: "\(path)/.lock"))
        if directory.isResumed {
            try directory.checkConfiguration(difference)
            guard resuming else {
                throw CoordinatorError(
                    .occupied, "\(path): already holds this run; pass --resume to continue it, or another --run-dir")
            }
        } else {
            try directory.checkNothingIsOverwritten()
            for folder in [directory.tensorBoardPath, directory.checkpointsPath] { try makeFolder(folder) }
            // Last: from here on the directory is this run's.
            try OutputFile.replace(directory.configurationPath, with: Array(configuration.utf8))
        }
        return directory
    }

    private init(path: String, isResumed: Bool, lock: consuming DirectoryLock) {
        self.path = path
        self.isResumed = isResumed
        self.lock = lock
    }

    private func checkConfiguration(_ difference: (String) throws -> String?) throws {
        let present = String(decoding: try OutputFile.content(of: configurationPath), as: UTF8.self)
        guard let difference = try difference(present) else { return }
        throw CoordinatorError(.anotherConfiguration, "\(path): holds a run of another configuration (\(difference))")
    }

    private func checkNothingIsOverwritten() throws {
        for file in [metricsPath, eventsPath, resultPath, modelPath] where Self.exists(file) {
            throw CoordinatorError(
                .anotherConfiguration,
                "\(path): has \(file.dropFirst(path.count + 1)) but no config.yaml; not a run of ours")
        }
    }

    private static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    /// Makes a folder and those above it; one that is there is fine.
    private static func makeFolder(_ path: String) throws {
        if unsafe mkdir(path, 0o755) == 0 { return }
        let reason = errno
        if reason == EEXIST {
            var status = stat()
            if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        }
        if reason == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try makeFolder(String(path[..<slash]))
            if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        } else {
            errno = reason
        }
        throw OutputFile.failure("make the folder", path)
    }
}
