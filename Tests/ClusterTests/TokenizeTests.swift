import Foundation
import Testing

extension ClusterTests {
    /// `troupe tokenize` as programs read it.
    struct TokenizeTests {
        private static let vocabulary = """
            [PAD] [UNK] [CLS] [SEP] [MASK] want ##want ##ed wa un runn ##ing , low lowest the ! hello
            """.replacing(" ", with: "\n")

        private func run(_ arguments: [String], input: String? = nil) async throws -> TroupeProcess.Ending {
            let folder = FileManager.default.temporaryDirectory.appending(path: "tokenize-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data(Self.vocabulary.utf8).write(to: folder.appending(path: "vocab.txt"))
            try Data((input ?? "").utf8).write(to: folder.appending(path: "input.txt"))
            return try await TroupeProcess.run(
                ["tokenize"] + arguments + (input == nil ? [] : ["--input", "input.txt"]), in: folder)
        }

        private func objects(_ ending: TroupeProcess.Ending) throws -> [[String: Any]] {
            try #require(ending.exitCode == 0, "\(ending.errors)")
            return try ending.output.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
        }

        @Test(.timeLimit(.minutes(1))) func linesOfAFileBecomeObjects() async throws {
            let input = "The UNwant\u{E9}d\r\n{\"text\": \"the want\", \"text_pair\": \"hello !\"}\n"
            let objects = try objects(
                await run(["--vocab", "vocab.txt", "--json", "--max-length", "8", "--pad"], input: input))
            try #require(objects.count == 2)
            #expect(objects[0]["input_ids"] as? [Int] == [2, 15, 9, 6, 7, 3, 0, 0])
            #expect(objects[0]["attention_mask"] as? [Int] == [1, 1, 1, 1, 1, 1, 0, 0])
            #expect(
                objects[0]["offsets"] as? [[Int]]
                    == [[0, 0], [0, 3], [4, 6], [6, 10], [10, 12], [0, 0], [0, 0], [0, 0]])
            #expect(
                objects[0]["tokens"] as? [String]
                    == ["[CLS]", "the", "un", "##want", "##ed", "[SEP]", "[PAD]", "[PAD]"])
            #expect(objects[1]["input_ids"] as? [Int] == [2, 15, 5, 3, 17, 16, 3, 0])
            #expect(objects[1]["token_type_ids"] as? [Int] == [0, 0, 0, 0, 1, 1, 1, 0])
        }

        @Test(.timeLimit(.minutes(1))) func aStrideShowsTheWindows() async throws {
            let objects = try objects(
                await run([
                    "--model", ".", "--json", "--max-length", "5", "--stride", "1", "hello", "the low the low the",
                ]))
            #expect(objects.map { $0["overflow_to_sample_mapping"] as? Int } == [0, 1, 1])
            #expect(objects.last?["input_ids"] as? [Int] == [2, 15, 13, 15, 3])
        }

        @Test(
            .timeLimit(.minutes(1)),
            arguments: [
                (["--model", "none", "the"], 65, "none: no such directory"),
                (["--vocab", "input.txt", "the"], 65, "no tokens"),
                (
                    ["--vocab", "vocab.txt", "--max-length", "2", "--truncation", "only_first", "the"], 65,
                    "1 tokens must go, and it has only 1"
                ), (["--vocab", "vocab.txt", "{\"input_ids\": [1]}"], 65, "expected text, got input_ids"),
                (["the"], 64, "--model or --vocab"),
                (["--vocab", "vocab.txt", "--stride", "1", "the"], 64, "--max-length"),
            ] as [([String], Int32, String)])
        func badInputEndsWithOneError(arguments: [String], code: Int32, message: String) async throws {
            let ending = try await run(arguments)
            #expect(ending.exitCode == code && ending.errors.contains(message), "\(ending.errors)")
        }
    }
}
