/// What ends a worker's run, with the place where it happened.
package struct WorkerError: Error, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable {
        /// The coordinator refused this worker or could not be reached.
        case rendezvous
        /// The run was ended from outside while this rank was at work.
        case aborted
    }

    /// The kind of failure.
    package let code: Code
    /// One line that names endpoint, rank and reason.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
