/// What went wrong in the Models room, and where: file, key or tensor, what was expected and what came.
package struct ModelsError: Error, CustomStringConvertible, Equatable {
    /// The kinds of failure, fit for a metric label.
    package enum Code: String, Sendable {
        /// A configuration value is missing, of the wrong type, out of range or contradicts another one.
        case invalidConfiguration
        /// No published model and no model family has this name.
        case unknownModel
        /// A file is not what its name promises: truncated, altered or of another format.
        case malformedFile
        /// A tensor is absent, or only part of the expected names matched.
        case missingTensor
        /// A tensor has another shape or element type than the model expects.
        case tensorMismatch
        /// What a caller wants of a model is not possible with it, e.g. a text that is too long.
        case invalidInput
        /// The operating system refused: open, read, write, rename.
        case fileSystem
    }

    /// The kind of failure.
    package let code: Code
    /// The file (or other source, e.g. a run file) in which the trouble was found; empty if there is none.
    package let source: String
    /// What was expected and what came.
    package let message: String

    /// An error of kind `code` found in `source`.
    package init(_ code: Code, source: String = "", _ message: String) {
        self.code = code
        self.source = source
        // Names in a hostile file may hold anything; an error is one line all the same.
        self.message =
            message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            ? message
            : message.unicodeScalars.map {
                $0.value >= 0x20 && $0.value != 0x7F ? String($0) : $0.escaped(asASCII: true)
            }
            .joined()
    }

    package var description: String { source.isEmpty ? message : "\(source): \(message)" }
}
