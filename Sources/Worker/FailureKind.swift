import Algorithms
import Collective
import ControlPlane
import Models
import Text

/// The kinds of failure that have an exit code of their own.
package enum FailureKind: Sendable {
    /// Bad data or configuration.
    case badInput
    /// The cluster could not be formed or lost a process.
    case unavailable
    /// A fault of the program itself.
    case `internal`

    /// Classifies an error by the room it comes from.
    package init(of error: any Error) {
        switch error {
        case let error as AlgorithmsError: self = error.exitCode == 65 ? .badInput : .internal
        case is ConfigurationError, is ModelsError, is TextError: self = .badInput
        case is CollectiveError, is ControlPlaneError, is WorkerError: self = .unavailable
        default: self = .internal
        }
    }

    /// The exit code of `sysexits.h` that the documentation promises.
    package var exitCode: Int {
        switch self {
        case .badInput: 65
        case .unavailable: 69
        case .internal: 70
        }
    }
}
