/// Why a run file, an override or a run directory's configuration was refused. Always the user's input, never a bug.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The kinds of refusal; stable, without dynamic text.
    package enum Code: String, Sendable {
        case unreadableFile, syntax, unknownKey, missingKey, wrongType, outOfRange, inconsistent, unsupported
        case invalidOverride
    }

    /// The kind of failure.
    package let code: Code
    /// Where the value was written: `FILE:LINE` or the whole override; nil for a configuration built in code.
    package var origin: String?
    /// The dotted key, such as `optimizer.learning_rate`; empty when the file as a whole is meant.
    package let key: String
    /// What was expected and what came.
    package let message: String

    /// An error about `key`.
    package init(_ code: Code, origin: String? = nil, key: String, message: String) {
        self.code = code
        self.origin = origin
        self.key = key
        self.message = message
    }

    /// The process exit code of this class of error: bad data or configuration.
    package var exitCode: Int32 { 65 }

    package var description: String {
        [origin, key.isEmpty ? nil : key, message].compactMap(\.self).joined(separator: ": ")
    }

    /// The same error, placed at `origin` if it has no place yet.
    func located(at origin: @autoclosure () -> String?) -> ConfigurationError {
        var located = self
        if located.origin == nil { located.origin = origin() }
        return located
    }
}
