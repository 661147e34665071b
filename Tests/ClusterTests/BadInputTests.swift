import Foundation
import Glibc
import Testing

extension ClusterTests {
    /// What a user gets for input that cannot work: one clear line, exit code 65, and nothing overwritten.
    struct BadInputTests {
        /// A bad command line of `troupe pretrain` and what its error must name.
        struct Case: CustomTestStringConvertible, Sendable {
            let name: String
            let arguments: [String]
            let mentions: [String]
            var testDescription: String { name }
        }

        @Test(
            .timeLimit(.minutes(2)),
            arguments: [
                Case(
                    name: "misspelt override", arguments: ["--set", "optimizer.learning_rat=0.1"],
                    mentions: ["optimizer.learning_rat", "learning_rate"]),
                Case(
                    name: "value out of range", arguments: ["--set", "batch.microbatch_size=0"],
                    mentions: ["batch.microbatch_size", "0"]),
                Case(
                    name: "value of another type", arguments: ["--set", "training.steps=many"],
                    mentions: ["training.steps", "many"]),
                Case(
                    name: "missing corpus", arguments: ["--set", "data.directory=nowhere"],
                    mentions: ["nowhere", "troupe data prepare"]),
                Case(
                    name: "vocabulary and model disagree",
                    arguments: ["--set", "model.vocab_size=300"],
                    mentions: ["300", "90"]),
                Case(
                    name: "checkpoint of a run that is not there", arguments: ["--resume-from", "step-00000005"],
                    mentions: ["refused", "no run"]),
                Case(
                    name: "port out of range", arguments: ["--listen", "tcp://127.0.0.1:99999"],
                    mentions: ["tcp://127.0.0.1:99999", "65535"]),
                Case(
                    name: "steps below one",
                    arguments: ["--set", "training.steps=-5", "--set", "schedule.total_steps=null"],
                    mentions: ["training.steps", "-5"]),
                Case(
                    name: "model too short for the records", arguments: ["--set", "model.max_position_embeddings=16"],
                    mentions: ["max_position_embeddings", "16", "48"]),
            ])
        func isRefusedByName(_ bad: Case) async throws {
            let tiny = try await TinyRun.prepared()
            let ending = try await tiny.pretrain("refused", workers: 1, bad.arguments)
            expectRefusal(ending, mentions: bad.mentions)
            #expect(!FileManager.default.fileExists(atPath: tiny.folder.appending(path: "refused").path))
        }

        @Test(.timeLimit(.minutes(1)))
        func misspeltKeyIsNamedWithItsLine() async throws {
            let tiny = try await TinyRun.prepared()
            let file = tiny.folder.appending(path: "misspelt.yaml")
            let text = try String(contentsOf: tiny.folder.appending(path: "tiny.yaml"), encoding: .utf8)
            try text.replacing("warmup_steps", with: "warmup_step").write(to: file, atomically: true, encoding: .utf8)
            let line = try #require(text.split(separator: "\n").firstIndex { $0.contains("warmup_steps") }) + 1
            let ending = try await TroupeProcess.run(
                ["pretrain", "--config", "misspelt.yaml", "--run-dir", "refused"], in: tiny.folder)
            expectRefusal(ending, mentions: ["misspelt.yaml:\(line)", "warmup_step", "warmup_steps"])
        }

        /// The trained model takes the vocabulary along, so a run without it must not begin.
        @Test(.timeLimit(.minutes(1)), arguments: [false, true])
        func missingOrAlteredVocabularyIsNamed(isThere: Bool) async throws {
            let tiny = try await TinyRun.prepared()
            let copy = tiny.folder.appending(path: "data-\(isThere)")
            try FileManager.default.copyItem(at: tiny.folder.appending(path: "data"), to: copy)
            let vocabulary = copy.appending(path: "tokenizer/spiece.model")
            if isThere {
                try Data("not a vocabulary".utf8).write(to: vocabulary)
            } else {
                try FileManager.default.removeItem(at: vocabulary)
            }
            let ending = try await tiny.pretrain(
                "refused", workers: 1, ["--set", "data.directory=\(copy.lastPathComponent)"])
            expectRefusal(ending, mentions: ["\(copy.lastPathComponent)/tokenizer/spiece.model"])
            #expect(!FileManager.default.fileExists(atPath: tiny.folder.appending(path: "refused").path))
        }

        @Test(.timeLimit(.minutes(1)))
        func missingRunFileIsNamed() async throws {
            let tiny = try await TinyRun.prepared()
            let ending = try await TroupeProcess.run(
                ["pretrain", "--config", "nowhere.yaml", "--run-dir", "refused"], in: tiny.folder)
            expectRefusal(ending, mentions: ["nowhere.yaml", "No such file"])
            #expect(!ending.errors.contains("Domain"), "\(ending.errors)")
        }

        @Test(.timeLimit(.minutes(2)))
        func directoryOfAnotherConfigurationIsLeftAlone() async throws {
            let tiny = try await TinyRun.prepared()
            let short = ["--set", "training.steps=5"]
            let first = try await tiny.pretrain("taken", workers: 1, short)
            try #require(first.exitCode == 0, "\(first.errors)")
            let before = try contents(of: tiny.folder.appending(path: "taken"))
            let other = try await tiny.pretrain(
                "taken", workers: 1, short + ["--resume", "--set", "optimizer.learning_rate=0.5"])
            expectRefusal(other, mentions: ["taken", "optimizer.learning_rate", "0.5", "0.01"])
            let again = try await tiny.pretrain("taken", workers: 1, short)
            expectRefusal(again, mentions: ["taken", "--resume"])
            #expect(try contents(of: tiny.folder.appending(path: "taken")) == before)
        }

        @Test(.timeLimit(.minutes(2)), arguments: [true, false])
        func damagedCheckpointIsNamedAndThePreviousOffered(truncate: Bool) async throws {
            let tiny = try await TinyRun.prepared()
            let name = "damaged-\(truncate)"
            let steps = ["--set", "training.steps=10"]
            let more = ["--set", "training.steps=15"]
            let first = try await tiny.pretrain(name, workers: 1, steps)
            try #require(first.exitCode == 0, "\(first.errors)")
            let folder = tiny.folder.appending(path: "\(name)/checkpoints/step-00000010")
            let file = try #require(
                try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).first {
                    $0.lastPathComponent.hasPrefix("optimizer")
                })
            var data = try Data(contentsOf: file)
            if truncate { data.removeLast(7) } else { data[data.count - 5] ^= 1 }
            try data.write(to: file)
            let resumed = try await tiny.pretrain(name, workers: 1, more + ["--resume"])
            expectRefusal(resumed, mentions: ["step-00000010", file.lastPathComponent, "step-00000005"])
            let chosen = try await tiny.pretrain(name, workers: 1, more + ["--resume-from", "step-00000005"])
            #expect(chosen.exitCode == 0, "\(chosen.errors)")
        }

        @Test(.timeLimit(.minutes(1)))
        func portInUseIsNamed() async throws {
            let tiny = try await TinyRun.prepared()
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(listener) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(listener, $0, length) == 0 && listen(listener, 1) == 0
                        && getsockname(listener, $0, &length) == 0
                }
            }
            try #require(bound)
            let endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
            let ending = try await tiny.pretrain("port", workers: 1, ["--listen", endpoint])
            expectRefusal(ending, mentions: [endpoint, "in use"])
        }

        /// One line on standard error that holds all of `mentions`, and exit code 65.
        private func expectRefusal(_ ending: TroupeProcess.Ending, mentions: [String]) {
            #expect(ending.exitCode == 65, "\(ending.errors)")
            let lines = ending.errors.split(separator: "\n")
            #expect(lines.count == 1 && lines.first?.hasPrefix("error: ") == true, "\(ending.errors)")
            for word in mentions { #expect(ending.errors.contains(word), "no '\(word)' in: \(ending.errors)") }
        }

        /// Every file below `folder` with its content.
        private func contents(of folder: URL) throws -> [String: Data] {
            let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            return names.reduce(into: [:]) { files, name in
                let file = folder.appending(path: name)
                // The lock names the process that last looked at the directory.
                if name != ".lock", !file.hasDirectoryPath, let data = try? Data(contentsOf: file) {
                    files[name] = data
                }
            }
        }
    }
}
