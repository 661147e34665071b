import ArgumentParser
import Coordinator
import Foundation
import Transport
import Worker

/// The documented exit codes; the numbers are those of `sysexits.h`.
enum ExitStatus: Int32 {
    /// The run or the command is complete.
    case done = 0
    /// Bad command line (ArgumentParser's own code).
    case usage = 64
    /// Bad data or configuration.
    case badData = 65
    /// The cluster could not be formed or lost a process.
    case unavailable = 69
    /// A fault of the program itself.
    case `internal` = 70
    /// Stopped on request; `--resume` continues.
    case stopped = 75
}

/// An error of the command line's own making, with the status it ends with.
struct CommandError: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}

/// Runs a command's body; an error becomes one line on standard error and the exit code of its kind.
func reportingErrors(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let exit as ExitCode {
        throw exit
    } catch {
        let status = exitStatus(of: error)
        FileHandle.standardError.write(Data("error: \(error)\n".utf8))
        throw ExitCode(status.rawValue)
    }
}

/// The status that an error ends the process with, by the room it comes from.
private func exitStatus(of error: any Error) -> ExitStatus {
    switch error {
    case let error as CommandError: error.status
    case is CoordinatorError, is TransportError: .badData
    case let error as CocoaError where error.isFileError: .badData
    default: ExitStatus(rawValue: Int32(FailureKind(of: error).exitCode)) ?? .internal
    }
}
