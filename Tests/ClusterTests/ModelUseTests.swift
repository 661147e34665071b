import Foundation
import Models
import Tensor
import TestSupport
import Testing

extension ClusterTests {
    /// Models and vocabularies as the commands use them: ids by line number, hidden states, masked words, the limit of
    /// the positions, and what is refused.
    struct ModelUseTests {
        /// The vocabulary that Japanese models of the slides have: 32,000 lines, of which these words are known.
        private static let words: [(word: String, id: Int)] = [
            ("[PAD]", 0), ("[UNK]", 1), ("[CLS]", 2), ("[SEP]", 3), ("[MASK]", 4), ("。", 8), ("は", 9), ("が", 14),
            ("私", 1325), ("犬", 2928), ("好き", 3596),
        ]

        private static func vocabulary() -> String {
            var lines = (0..<32_000).map { "unused\($0)" }
            for (word, id) in words { lines[id] = word }
            return lines.joined(separator: "\n") + "\n"
        }

        private func inFolder(_ body: (URL) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "troupe-use-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await body(folder)
        }

        private func objects(_ arguments: [String], in folder: URL) async throws -> [[String: Any]] {
            let ending = try await TroupeProcess.run(arguments, in: folder)
            try #require(ending.exitCode == 0, "\(ending.errors)")
            return try ending.output.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
        }

        /// A tiny BERT whose weights follow the golden rule, as a directory called `name`.
        private func saveGolden(_ head: ModelHead, _ name: String, in folder: URL) throws {
            var bert = BertConfiguration()
            (bert.vocabularySize, bert.hiddenSize, bert.layerCount) = (20, 8, 2)
            (bert.headCount, bert.intermediateSize, bert.maximumPositions) = (2, 16, 12)
            let configuration = ModelConfiguration.bert(bert)
            let model = EncoderModel(configuration, head: head, seed: 1, in: ComputeContext())
            let entries = model.parameters.entries
            let golden = GoldenPretraining.values(of: entries.map { ($0.name, $0.shape.count) })
            for (name, values) in golden {
                let tensor = model.parameters[name]
                tensor.copy(from: Tensor(values.map { Float($0) }, shape: tensor.shape, in: tensor.context))
            }
            try ModelDirectory.save(
                configuration, head: head, model.parameters, to: folder.appending(path: name).path)
        }

        /// Ids are the line numbers of vocab.txt, words being split by spaces.
        @Test(.timeLimit(.minutes(1))) func idsAreLineNumbers() async throws {
            try await inFolder { folder in
                try Data(Self.vocabulary().utf8).write(to: folder.appending(path: "vocab.txt"))
                let texts = ["私 は 犬 が 好き 。", "私 は [MASK] が 好き 。"]
                let objects = try await objects(
                    ["tokenize", "--vocab", "vocab.txt", "--cased", "--split-by-whitespace", "--json"] + texts,
                    in: folder)
                #expect(
                    objects.map { $0["input_ids"] as? [Int] } == [
                        [2, 1325, 9, 2928, 14, 3596, 8, 3], [2, 1325, 9, 4, 14, 3596, 8, 3],
                    ])
            }
        }

        /// One vector per token, and the outputs of all layers behind that of the embeddings; numbers of `transformers`.
        @Test(.timeLimit(.minutes(1))) func hiddenStatesAreThoseOfAllLayers() async throws {
            try await inFolder { folder in
                try saveGolden(.pretraining, "model", in: folder)
                let line =
                    #"{"input_ids": [2,5,7,3,9,3,0,0], "token_type_ids": [0,0,0,0,1,1,0,0], "#
                    + #""attention_mask": [1,1,1,1,1,1,0,0]}"#
                let object = try #require(
                    try await objects(["encode", "--model", "model", "--hidden-states", line], in: folder).first)
                let last = try #require(object["last_hidden_state"] as? [[Double]])
                let states = try #require(object["hidden_states"] as? [[[Double]]])
                #expect(last.map(\.count) == Array(repeating: 8, count: 6))
                #expect(states.count == 3 && states[2] == last)
                func expect(_ got: [Double]?, _ expected: [Double]) {
                    #expect(zip(got ?? [], expected).allSatisfy { abs($0 - $1) < 1e-5 } && got != nil, "\(got ?? [])")
                }
                expect(states[0].first, [0.44822554, -1.29252678, -0.17723602, 1.51274852])
                expect(states[1].first, [0.39538121, -1.82352196, -0.66113623, 1.30869004])
                expect(last.first, [0.59634282, -1.48188370, -0.87435190, 0.97907471])
                expect(last.last, [0.98929652, 0.10070822, -1.50209030, -0.16648926])
                expect(object["pooler_output"] as? [Double], [0.17698541, -0.74339184, -0.71882042, 0.03139201])
            }
        }

        /// Logits are those of `transformers`, and the best ones come first, with their probabilities.
        @Test(.timeLimit(.minutes(1))) func masksAreFilled() async throws {
            try await inFolder { folder in
                try saveGolden(.pretraining, "model", in: folder)
                let line = #"{"input_ids": [2,5,7,3,9,3], "token_type_ids": [0,0,0,0,1,1]}"#
                let command = ["fill-mask", "--model", "model", "--json", "--mask-token-id", "7"]
                let object = try #require(try await objects(command + ["--top", "20", line], in: folder).first)
                let candidates = try #require(object["candidates"] as? [[String: Any]])
                let logits = candidates.compactMap { $0["logit"] as? Double }
                let probabilities = candidates.compactMap { $0["probability"] as? Double }
                #expect(object["position"] as? Int == 2 && candidates.count == 20)
                #expect(logits == logits.sorted(by: >) && abs(probabilities.reduce(0, +) - 1) < 1e-6)
                #expect(abs(log(probabilities[0] / probabilities[5]) - (logits[0] - logits[5])) < 1e-6)
                for (id, expected) in [-0.42521389, -0.24530496, 0.14836117, 0.14767211].enumerated() {
                    let logit = candidates.first { $0["id"] as? Int == id }?["logit"] as? Double
                    #expect(abs((logit ?? .nan) - expected) < 1e-5, "id \(id): \(logit ?? .nan)")
                }
                let two = try await objects(
                    command + [#"{"input_ids": [2,7,7,3]}"#, #"{"input_ids": [7]}"#], in: folder)
                #expect(two.map { $0["position"] as? Int } == [1, 2, 0])
            }
        }

        /// One clear line for each mistake.
        @Test(
            .timeLimit(.minutes(1)),
            arguments: [
                (["fill-mask", "--mask-token-id", "7", #"{"input_ids": [2, 3]}"#], "at least one mask"),
                (["fill-mask", "the [MASK]"], "tokenizer"), (["encode", "the"], "tokenizer"),
                (["encode", #"{"input_ids": [2, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 3]}"#], "got 13"),
                (["encode", #"{"input_ids": [2, 20, 3]}"#], "20"), (["encode", #"{"input_ids": [2, -1, 3]}"#], "-1"),
                (["encode", #"{"input_ids": [2, 3], "token_type_ids": [0, 2]}"#], "2"),
                (["encode", #"{"input_ids": []}"#], "got none"), (["encode", #"{"text": 3}"#], "text"),
                (["predict", #"{"input_ids": [2, 3]}"#], "classifier.weight"),
            ])
        func mistakesAreNamed(arguments: [String], mention: String) async throws {
            try await inFolder { folder in
                try saveGolden(.maskedLM, "model", in: folder)
                let ending = try await TroupeProcess.run(
                    [arguments[0], "--model", "model"] + arguments.dropFirst(), in: folder)
                #expect(ending.exitCode == 65 && ending.output.isEmpty)
                #expect(ending.errors.hasPrefix("error: ") && ending.errors.contains(mention), "\(ending.errors)")
                #expect(ending.errors.count { $0 == "\n" } == 1, "\(ending.errors)")
            }
        }
    }
}
