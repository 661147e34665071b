import Foundation
import Models
import Tensor
import Testing

extension ClusterTests {
    /// `troupe finetune` and what uses its result, as a user runs them.
    struct FinetuneTests {
        /// A tiny BERT with random weights, and sentences whose label is their last word's.
        static func prepare(_ name: String) throws -> URL {
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

        static let task = [
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
            #expect(
                ending.errors.contains("warning: model lacks classifier.weight, classifier.bias: newly initialized"))
            try await expectTheSameOutsideTheRun(folder, ending.output)
            let features = try await TroupeProcess.run(
                ["encode", "--model", "run/model", "--hidden-states", "--attentions", "the sky"], in: folder)
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(features.output.utf8)) as? [String: Any], "\(features.errors)")
            #expect((object["last_hidden_state"] as? [[Double]])?.map(\.count) == [16, 16, 16, 16])
            #expect((object["hidden_states"] as? [[[Double]]])?.count == 2)
            #expect((object["attentions"] as? [[[[Double]]]])?[0].count == 2)
            #expect(object["tokens"] as? [String] == ["[CLS]", "the", "sky", "[SEP]"])
        }

        /// `evaluate` prints and writes the metrics that the run's best evaluation had.
        private func expectTheSameOutsideTheRun(_ folder: URL, _ output: String) async throws {
            let data = ["--task", "classification", "--model", "run/model", "--data", "dev.tsv"]
            let measured = try await TroupeProcess.run(["evaluate"] + data + ["--output-dir", "results"], in: folder)
            #expect(measured.exitCode == 0 && measured.output.contains("eval_accuracy = 1"), "\(measured.errors)")
            // The model is that of the first evaluation with this accuracy, so the loss of the last one is another.
            for line in measured.output.split(separator: "\n") where !line.hasPrefix("eval_loss") {
                #expect(output.contains(line), "\(line) in \(output)")
            }
            let file = folder.appending(path: "results/eval_results_classification.txt")
            #expect(try String(contentsOf: file, encoding: .utf8) == measured.output)
            let predicted = try await TroupeProcess.run(
                ["predict"] + data + ["--split", "dev", "--output", "dev-predictions.tsv"], in: folder)
            #expect(predicted.exitCode == 0, "\(predicted.errors)")
            let lines = try String(contentsOf: folder.appending(path: "dev-predictions.tsv"), encoding: .utf8)
            #expect(lines.hasPrefix("index\tprediction\ndev-1\tR\ndev-2\tG\n"), "\(lines)")
        }

        @Test(
            .timeLimit(.minutes(1)),
            arguments: [
                (["--task", "sentiment"], 65, "no task is called 'sentiment'"),
                (["--dev-file", "none.tsv"], 65, "none.tsv"), (["--model", "nowhere"], 65, "nowhere"),
                (["--label-column", "class"], 65, "class"), (["--epochs", "0"], 64, "--epochs is 0"),
                (["--max-length", "64"], 65, "64 is more than the 16 positions"),
                (["--recipe", "albert-glu"], 65, "did you mean albert-glue?"),
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
