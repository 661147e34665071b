internal import Foundation

/// Runs a program of the operating system and waits for it. Blocks the calling thread.
enum SystemCommand {
    /// Runs `path` with `arguments` and hands its standard output to `consume` in pieces; returns the bytes read.
    /// Throws `command` with the program's own last words if it is missing or exits with a code other than 0.
    @discardableResult
    static func run(
        _ path: String, _ arguments: [String], environment: [String: String] = [:],
        consume: (Data) -> Void = { _ in }
    ) throws(TextError) -> Int {
        let files = FileManager.default
        guard files.isExecutableFile(atPath: path) else {
            throw TextError(.command, "\(path) is not there: this needs a Debian or Ubuntu system with apt")
        }
        let errorFile = files.temporaryDirectory.appendingPathComponent("troupe-\(UUID().uuidString).log")
        guard files.createFile(atPath: errorFile.path, contents: nil) else {
            throw TextError(.unwritable, "cannot create \(errorFile.path)")
        }
        defer { try? files.removeItem(at: errorFile) }
        do {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            let output = Pipe()
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output
            process.standardError = try FileHandle(forWritingTo: errorFile)
            try process.run()
            var count = 0
            while let data = try output.fileHandleForReading.read(upToCount: 1 << 20), !data.isEmpty {
                count += data.count
                consume(data)
            }
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                let words = (try? String(contentsOf: errorFile, encoding: .utf8)) ?? ""
                throw TextError(
                    .command,
                    "\(path) \(arguments.joined(separator: " ")) failed with status \(process.terminationStatus): "
                        + words.split(separator: "\n").suffix(4).joined(separator: "; "))
            }
            return count
        } catch let error as TextError {
            throw error
        } catch {
            throw TextError(.command, "cannot run \(path): \(error.localizedDescription)")
        }
    }
}
