import Foundation
import Models
import Tensor
import Testing

extension ClusterTests {
    /// `troupe finetune` and what uses its result, as a user runs them.
    struct FinetuneTests {
        /// A tiny BERT with random weights, and sentences whose label is their last word's.
        private static func prepare(_ name: String) throws -> URL {
            let folder = FileManager.default.temporaryDirectory.appending(path: "troupe-finetune-\(getpid())-\(name)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "green", "the", "sky", "is"]
            try Data((words.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: "vocab.txt"))
            let configuration = try ModelConfiguration(
                keys: [
                    "model_type": .string("bert"), "vocab_size": .integer(10), "hidden_size": .integer(16),
                    "num_hidden_layers": .integer(1), "num_attention_heads": .integer(2),
                    "intermediate_size": .integer(32), "max_position_embeddings": .integer(16),
                ], source: "test")
            let model = EncoderModel(configuration, head: .none, seed: 1, in: ComputeContext())
            try ModelDirectory.save(
                configuration, head: .none, model.parameters,
                tokenizer: .wordPiece(path: folder.appending(path: "vocab.txt").path, lowercase: true),
                to: folder.appending(path: "model").path)
            for (name, count) in [("train", 64), ("dev", 16)] {
                let lines = (0..<count).map { index in
                    let color = index % 2 == 0 ? "red" : "green"
                    return
                        "the sky \(String(repeating: "is ", count: index % 5))\(color)\t\(color == "red" ? "R" : "G")\n"
                }
                try Data(("text\tlabel\n" + lines.joined()).utf8).write(to: folder.appending(path: "\(name).tsv"))
            }
            return folder
        }

        private static let task = [
            "finetune", "--task", "classification", "--model", "model", "--data", "train.tsv", "--dev-file", "dev.tsv",
            "--max-length", "16", "--batch-size", "16", "--learning-rate", "0.02", "--epochs", "6", "--threads", "1",
        ]

        @Test(.timeLimit(.minutes(1))) func aTaskIsLearnedAndUsed() async throws {
            let folder = try Self.prepare("learned")
            defer { try? FileManager.default.removeItem(at: folder) }
            let ending = try await TroupeProcess.run(Self.task + ["--run-dir", "run", "--workers", "2"], in: folder)
            #expect(ending.exitCode == 0, "\(ending.errors)")
            #expect(ending.output.contains("eval_accuracy = 1"), "\(ending.output)")
            let prediction = try await TroupeProcess.run(
                ["predict", "--model", "run/model", "--json", "the sky is red", #"{"input_ids": [2, 7, 8, 6, 3]}"#],
                in: folder)
            let labels = try prediction.output.split(separator: "\n").map { line in
                try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["label"] as? String
            }
            #expect(labels == ["R", "G"], "\(prediction.output) \(prediction.errors)")
            let features = try await TroupeProcess.run(
                ["encode", "--model", "run/model", "--hidden-states", "--attentions", "the sky"], in: folder)
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(features.output.utf8)) as? [String: Any], "\(features.errors)")
            #expect((object["last_hidden_state"] as? [[Double]])?.map(\.count) == [16, 16, 16, 16])
            #expect((object["hidden_states"] as? [[[Double]]])?.count == 2)
            #expect((object["attentions"] as? [[[[Double]]]])?[0].count == 2)
            #expect(object["tokens"] as? [String] == ["[CLS]", "the", "sky", "[SEP]"])
        }

        @Test(
            .timeLimit(.minutes(1)),
            arguments: [
                (["--task", "sentiment"], 65, "no task is called 'sentiment'"),
                (["--dev-file", "none.tsv"], 65, "none.tsv"), (["--model", "nowhere"], 65, "nowhere"),
                (["--label-column", "class"], 65, "class"), (["--epochs", "0"], 64, "--epochs is 0"),
                (["--max-length", "64"], 65, "64 is more than the 16 positions"),
            ])
        func badInputIsNamed(change: [String], code: Int32, mention: String) async throws {
            let folder = try Self.prepare("bad-\(change[1])")
            defer { try? FileManager.default.removeItem(at: folder) }
            var arguments = Self.task + ["--run-dir", "run", "--workers", "1"]
            if let place = arguments.firstIndex(of: change[0]) { arguments.removeSubrange(place...place + 1) }
            let ending = try await TroupeProcess.run(arguments + change, in: folder)
            #expect(ending.exitCode == code && ending.errors.contains(mention), "\(ending.exitCode): \(ending.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "run").path))
        }
    }
}
