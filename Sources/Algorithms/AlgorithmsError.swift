/// What went wrong in training state, checkpoints or metrics: which file or tensor, what was expected, what came.
package struct AlgorithmsError: Error, Equatable, CustomStringConvertible {
    /// The kinds of failure; stable, without dynamic text.
    package enum Code: String, Sendable {
        /// A checkpoint is torn or altered.
        case damagedCheckpoint
        /// A checkpoint is whole but belongs to another model, optimizer or configuration.
        case checkpointMismatch
        /// The system refused to read or write.
        case storage
        /// There is not enough free space on the disk.
        case noSpace
        /// A checkpoint is not written within its deadline.
        case checkpointStalled
        /// A metric was asked for without any sample behind it.
        case noData
        /// A loss is not a finite number.
        case notFinite
        /// A pattern over parameter names matches none.
        case noSuchParameter
    }

    /// The kind of failure.
    package let code: Code
    /// The file, directory or tensor meant; empty if there is none.
    package let subject: String
    /// What was expected and what came.
    package let message: String

    /// An error about `subject`.
    package init(_ code: Code, subject: String = "", _ message: String) {
        self.code = code
        self.subject = subject
        self.message = message
    }

    /// The process exit code of this class of error: 65 bad data or configuration, 70 internal.
    package var exitCode: Int32 {
        switch code {
        case .damagedCheckpoint, .checkpointMismatch, .storage, .noSpace, .noData, .noSuchParameter: 65
        case .checkpointStalled, .notFinite: 70
        }
    }

    package var description: String { subject.isEmpty ? message : "\(subject): \(message)" }
}
