import Foundation
import Models
import Tensor
import Testing

extension ClusterTests {
    /// `troupe predict` with models of every head, as a user runs it.
    struct PredictTests {
        private func save(_ head: ModelHead, labels: [String]?, in folder: URL, as name: String) throws {
            var configuration = try ModelDirectory.configuration(in: folder.appending(path: "model").path)
            configuration.encoder.task.labels = labels
            let model = EncoderModel(configuration, head: head, seed: 2, in: ComputeContext())
            try ModelDirectory.save(
                configuration, head: head, model.parameters,
                tokenizer: .copied(from: folder.appending(path: "model").path),
                to: folder.appending(path: name).path)
        }

        private func object(_ text: some StringProtocol) throws -> [String: Any] {
            try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }

        @Test(.timeLimit(.minutes(1))) func wordsGetLabelsAndPlaces() async throws {
            let folder = try FinetuneTests.prepare("words")
            defer { try? FileManager.default.removeItem(at: folder) }
            try save(.tokenClassification(labels: 3), labels: ["O", "B-X", "I-X"], in: folder, as: "tagger")
            // The same words, cut here and cut already.
            let lines = try await TroupeProcess.run(
                ["predict", "--model", "tagger", "--json", "the sky, red", #"{"tokens": ["the", "sky", ",", "red"]}"#],
                in: folder)
            #expect(lines.exitCode == 0, "\(lines.errors)")
            let objects = try lines.output.split(separator: "\n").map { try object($0) }
            let words = objects.map { $0["words"] as? [[String: Any]] ?? [] }
            #expect(objects.allSatisfy { $0["labels"] as? [String] == ["O", "B-X", "I-X"] })
            #expect(words[0].map { $0["word"] as? String } == ["the", "sky", ",", "red"])
            #expect(words[0].map { $0["start"] as? Int } == [0, 4, 7, 9])
            #expect(words[0].map { $0["end"] as? Int } == [3, 7, 8, 12])
            #expect(words[0].map { $0["logits"] as? [Double] } == words[1].map { $0["logits"] as? [Double] })
            for word in words[0] {
                let probabilities = try #require(word["probabilities"] as? [Double])
                #expect(abs(probabilities.reduce(0, +) - 1) < 1e-9 && probabilities.count == 3)
            }
        }

        /// Ids stand for the tokens of the same words, special ones included.
        @Test(.timeLimit(.minutes(1))) func idsGetALabelPerToken() async throws {
            let folder = try FinetuneTests.prepare("word-ids")
            defer { try? FileManager.default.removeItem(at: folder) }
            try save(.tokenClassification(labels: 3), labels: ["O", "B-X", "I-X"], in: folder, as: "tagger")
            let lines = try await TroupeProcess.run(
                [
                    "predict", "--model", "tagger", "--json", #"{"tokens": ["the", "sky", "red"]}"#,
                    #"{"input_ids": [2, 7, 8, 5, 3]}"#,
                ], in: folder)
            let objects = try lines.output.split(separator: "\n").map { try object($0) }
            try #require(objects.count == 2, "\(lines.errors)")
            let words = try #require(objects[0]["words"] as? [[String: Any]])
            #expect(objects[1]["tokens"] as? [String] == ["[CLS]", "the", "sky", "red", "[SEP]"])
            let logits = try #require(objects[1]["logits"] as? [[Double]])
            #expect(logits.count == 5 && Array(logits[1...3]) == words.compactMap { $0["logits"] as? [Double] })
            let labels = try #require(objects[1]["label"] as? [String])
            #expect(Array(labels[1...3]) == words.compactMap { $0["label"] as? String })
        }

        /// Swapped options have swapped scores.
        @Test(.timeLimit(.minutes(1))) func answersAreChosen() async throws {
            let folder = try FinetuneTests.prepare("answers")
            defer { try? FileManager.default.removeItem(at: folder) }
            try save(.multipleChoice, labels: nil, in: folder, as: "chooser")
            let question = #""context": "the sky is red", "question": "the sky is _""#
            let lines = try await TroupeProcess.run(
                [
                    "predict", "--model", "chooser", "--json", "{\(question), \"options\": [\"red\", \"green\"]}",
                    "{\(question), \"options\": [\"green\", \"red\"]}",
                    #"{"context": "the sky is red", "options": ["the sky is red", "the sky is green"]}"#,
                ], in: folder)
            let logits = try lines.output.split(separator: "\n").map { try object($0)["logits"] as? [Double] ?? [] }
            #expect(logits.map(\.count) == [2, 2, 2], "\(lines.errors)")
            #expect(logits[0] == logits[1].reversed() && logits[0] == logits[2] && logits[0][0] != logits[0][1])
        }

        /// A model without the head that is asked for gives noise, so it is refused with the names of what it lacks.
        @Test(.timeLimit(.minutes(1))) func aModelWithoutAHeadIsRefusedUnlessAllowed() async throws {
            let folder = try FinetuneTests.prepare("headless")
            defer { try? FileManager.default.removeItem(at: folder) }
            let command = ["predict", "--model", "model", "the sky"]
            let refused = try await TroupeProcess.run(command, in: folder)
            #expect(refused.exitCode == 65 && refused.output.isEmpty)
            #expect(refused.errors.contains("2 tensors of the model are missing: classifier.weight, classifier.bias"))
            let allowed = try await TroupeProcess.run(command + ["--allow-missing"], in: folder)
            #expect(allowed.exitCode == 0 && allowed.output.contains("LABEL_"))
            #expect(allowed.errors.contains("lacks classifier.weight, classifier.bias: they are random"))
        }
    }
}
