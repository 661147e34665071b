/// What went wrong in the coordinator: a code to decide by and a sentence to show.
package struct CoordinatorError: Error, Sendable, CustomStringConvertible {
    /// The kinds a caller may want to tell apart.
    package enum Code: String, Sendable {
        /// The run directory holds a run of another configuration.
        case anotherConfiguration = "another_configuration"
        /// The run directory already holds this run, and continuing it was not asked for.
        case occupied
        /// Another process is using the run directory.
        case locked
        /// A file of the run directory cannot be understood.
        case damaged
        /// The file system refused: no space, no permission, no such folder.
        case storage
    }

    /// The kind of failure; its raw value has no dynamic text and suits a metric label.
    package let code: Code
    /// One line that names the file, and where it applies the line, what was expected and what came.
    package let message: String

    /// Makes an error of a kind with the sentence that explains it.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
