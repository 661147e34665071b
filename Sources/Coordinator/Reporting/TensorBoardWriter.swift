package import FoundationEssentials
import Synchronization

/// Writes scalars that TensorBoard shows: one event file per start of the run, in the run's `tensorboard` folder.
///
/// Each call reaches the file before it returns, so a reader sees the newest step. May be used from any thread.
package final class TensorBoardWriter: Sendable {
    private let file: Mutex<OutputFile>

    /// Begins a new event file in an existing folder.
    ///
    /// - Parameters:
    ///   - time: when the run started; part of the file's name, by which TensorBoard orders files.
    ///   - resumedAfter: the last step that is kept of earlier files; later points of theirs are no longer shown.
    /// - Throws: `CoordinatorError` with code `storage`.
    package init(directory: String, time: Date, hostName: String, processID: Int, resumedAfter: Int? = nil) throws {
        let seconds = time.timeIntervalSince1970
        let host = hostName.map { $0 == "/" ? "_" : $0 }
        let file = try OutputFile(
            appendingTo: "\(directory)/events.out.tfevents.\(Int(seconds)).\(String(host)).\(processID).0")
        try file.write(TensorBoardEvent.record(TensorBoardEvent.fileVersion(wallTime: seconds)))
        if let resumedAfter {
            try file.write(
                TensorBoardEvent.record(TensorBoardEvent.restart(step: resumedAfter + 1, wallTime: seconds)))
        }
        self.file = Mutex(file)
    }

    /// Writes numbers of one step, under tags such as `train/loss`. Throws `CoordinatorError` with code `storage`.
    package func write(step: Int, time: Date, values: [(key: String, value: Double)]) throws {
        let event = TensorBoardEvent.scalars(step: step, wallTime: time.timeIntervalSince1970, values: values)
        try file.withLock { try $0.write(TensorBoardEvent.record(event)) }
    }
}
