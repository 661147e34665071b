import Coordinator
import Foundation
import TestSupport
import Testing

@Suite struct RunDirectoryTests {
    private let configuration = "seed: 1\ntraining:\n  steps: 10\n"

    private func open(_ path: String, _ configuration: String, resuming: Bool = false) throws -> RunDirectory {
        try RunDirectory.open(path, configuration: configuration, resuming: resuming) {
            $0 == configuration ? nil : "training.steps: 20 here, 10 there"
        }
    }

    @Test func aNewDirectoryHoldsItsConfigurationAndFolders() throws {
        try withTemporaryDirectory { folder in
            let directory = try open("\(folder)/deep/run", configuration)
            #expect(!directory.isResumed)
            #expect(try String(contentsOfFile: directory.configurationPath, encoding: .utf8) == configuration)
            for path in [directory.tensorBoardPath, directory.checkpointsPath] {
                #expect(FileManager.default.fileExists(atPath: path))
            }
        }
    }

    @Test func theSameRunMayBeResumed() throws {
        try withTemporaryDirectory { folder in
            _ = try open("\(folder)/run", configuration)
            #expect(try open("\(folder)/run", configuration, resuming: true).isResumed)
        }
    }

    @Test func theSameRunIsNotOverwrittenUnasked() throws {
        try withTemporaryDirectory { folder in
            _ = try open("\(folder)/run", configuration)
            let error = #expect(throws: CoordinatorError.self) { try open("\(folder)/run", configuration) }
            #expect(error?.code == .occupied)
            #expect(error?.message.contains("--resume") == true)
        }
    }

    @Test(arguments: [false, true]) func anotherConfigurationIsRefusedAndKept(resuming: Bool) throws {
        try withTemporaryDirectory { folder in
            let path = try open("\(folder)/run", configuration).configurationPath
            let error = #expect(throws: CoordinatorError.self) {
                try open("\(folder)/run", "seed: 1\ntraining:\n  steps: 20\n", resuming: resuming)
            }
            #expect(error?.code == .anotherConfiguration)
            #expect(error?.message.contains("training.steps: 20 here, 10 there") == true)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == configuration)
        }
    }

    @Test func theCallerDecidesWhatDiffers() throws {
        try withTemporaryDirectory { folder in
            _ = try open("\(folder)/run", configuration)
            let directory = try RunDirectory.open(
                "\(folder)/run", configuration: "# a comment\n" + configuration, resuming: true
            ) { _ in nil }
            #expect(directory.isResumed)
        }
    }

    @Test func twoCoordinatorsCannotShareADirectory() throws {
        try withTemporaryDirectory { folder in
            let first = try open("\(folder)/run", configuration)
            withExtendedLifetime(first) {
                let error = #expect(throws: CoordinatorError.self) {
                    try open("\(folder)/run", configuration, resuming: true)
                }
                #expect(error?.code == .locked)
                let process = ProcessInfo.processInfo.processIdentifier
                #expect(error?.message.contains("in use by process \(process) on ") == true)
            }
        }
    }

    @Test func resultsOfSomethingElseAreNotOverwritten() throws {
        try withTemporaryDirectory { folder in
            try "precious".write(toFile: "\(folder)/result.json", atomically: false, encoding: .utf8)
            let error = #expect(throws: CoordinatorError.self) { try open(folder, configuration) }
            #expect(error?.message.contains("result.json") == true)
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/config.yaml"))
        }
    }

    @Test func aFileInPlaceOfTheDirectoryIsNamed() throws {
        try withTemporaryDirectory { folder in
            try "x".write(toFile: "\(folder)/run", atomically: false, encoding: .utf8)
            for path in ["\(folder)/run", "\(folder)/run/below"] {
                let error = #expect(throws: CoordinatorError.self) { try open(path, configuration) }
                #expect(error?.code == .storage)
                #expect(error?.message.hasPrefix(folder) == true)
            }
        }
    }

    @Test func aResultIsReadAsItWasWritten() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/result.json"
            let result = RunResult(
                status: .finished, step: 600, eval: ["masked_lm_loss": 5.1, "unigram_cross_entropy": 6.3],
                weightsSHA256: "ab", optimizerSHA256: "cd", wallSeconds: 212.5, tokensPerSecond: 18_400,
                parameters: 4_213_376, worldSize: 2)
            try result.write(to: path)
            try result.write(to: path)
            #expect(try RunResult.read(path: path) == result)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["result.json"])
            #expect(
                try String(contentsOfFile: path, encoding: .utf8).contains(
                    """
                      "eval": {
                        "masked_lm_loss": 5.1,
                        "unigram_cross_entropy": 6.3
                      },
                      "weights_sha256": "ab",
                    """))
        }
    }
}
