import Foundation

/// The built `troupe` program, run as a user would run it.
struct TroupeProcess {
    /// How a run of the program ended.
    struct Ending {
        let exitCode: Int32
        let output: String
        let errors: String
    }

    /// The program beside the test bundle in the build folder.
    static var executable: URL {
        get throws {
            var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            while folder.path != "/" {
                let candidate = folder.appending(path: "troupe")
                if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
                folder.deleteLastPathComponent()
            }
            throw MissingExecutable()
        }
    }

    struct MissingExecutable: Error, CustomStringConvertible {
        var description: String { "no built troupe above \(CommandLine.arguments[0]); run scripts/build first" }
    }

    /// Runs the program to its end.
    static func run(_ arguments: [String], in directory: URL) async throws -> Ending {
        try await start(arguments, in: directory).ending()
    }

    /// Starts the program.
    static func start(_ arguments: [String], in directory: URL) throws -> Running {
        try Running(arguments, in: directory)
    }

    /// A started program.
    final class Running: Sendable {
        let processID: Int32
        private let outputFile: URL
        private let errorFile: URL
        private let codes: AsyncStream<Int32>

        init(_ arguments: [String], in directory: URL) throws {
            let process = Process()
            process.executableURL = try TroupeProcess.executable
            process.arguments = arguments
            process.currentDirectoryURL = directory
            let name = UUID().uuidString
            outputFile = directory.appending(path: "\(name).out")
            errorFile = directory.appending(path: "\(name).err")
            for file in [outputFile, errorFile] { try Data().write(to: file) }
            process.standardOutput = try FileHandle(forWritingTo: outputFile)
            process.standardError = try FileHandle(forWritingTo: errorFile)
            process.standardInput = FileHandle.nullDevice
            let (stream, continuation) = AsyncStream<Int32>.makeStream()
            codes = stream
            process.terminationHandler = {
                let status = $0.terminationStatus
                continuation.yield($0.terminationReason == .exit ? status : 128 + status)
                continuation.finish()
            }
            try process.run()
            processID = process.processIdentifier
        }

        /// Waits for the program to end; called once.
        func ending() async throws -> Ending {
            var code: Int32 = -1
            for await value in codes { code = value }
            return Ending(
                exitCode: code, output: try String(contentsOf: outputFile, encoding: .utf8),
                errors: try String(contentsOf: errorFile, encoding: .utf8))
        }
    }
}
