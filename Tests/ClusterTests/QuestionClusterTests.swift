import Foundation
import Models
import Tensor
import TestSupport
import Testing

extension ClusterTests {
    /// `troupe answer`, `predict` and `evaluate` of question-answering models, as a user runs them.
    struct QuestionTests {
        /// A new folder with a SQuAD file, and whatever else a test puts there.
        private static func folder(_ name: String) throws -> URL {
            let folder = FileManager.default.temporaryDirectory.appending(path: "troupe-squad-\(getpid())-\(name)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return folder
        }

        private static func write(_ object: Any, to name: String, in folder: URL) throws {
            try JSONSerialization.data(withJSONObject: object).write(to: folder.appending(path: name))
        }

        private static func objects(_ ending: TroupeProcess.Ending) throws -> [[String: Any]] {
            try #require(ending.exitCode == 0, "\(ending.errors)")
            return try ending.output.split(separator: "\n").map { line in
                try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
        }

        /// The model of model-parity.json whose logits `transformers` computed, with words for its ids.
        private static func goldenModel(in folder: URL) throws -> (logits: [Double], ids: [Int]) {
            let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "ModelsTests/Fixtures/model-parity.json")
            let object = try JSONSerialization.jsonObject(with: Data(contentsOf: fixture)) as? [String: Any]
            let golden = try #require(
                (object?["cases"] as? [[String: Any]])?.first { $0["name"] as? String == "BertForQuestionAnswering" })
            let config = try #require(golden["config"] as? [String: Any])
            try write(config, to: "config.json", in: folder)
            let configuration = try ModelDirectory.configuration(in: folder.path)
            let model = EncoderModel(configuration, head: .questionAnswering, seed: 1, in: ComputeContext())
            let parameters = model.parameters
            let values = GoldenPretraining.values(of: parameters.entries.map { ($0.name, $0.shape.count) })
            for entry in parameters.entries {
                let numbers = (values[entry.name] ?? []).map { Float($0) }
                parameters[entry.name].copy(from: Tensor(numbers, shape: entry.shape, in: parameters.values.context))
            }
            var words = (0..<23).map { "w\($0)" }
            words[0...3] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
            words[22] = "[MASK]"
            let vocabulary = folder.appending(path: "vocab.txt").path
            try Data((words.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: vocabulary))
            try ModelDirectory.save(
                configuration, head: .questionAnswering, parameters,
                tokenizer: .wordPiece(path: vocabulary, lowercase: true), to: folder.appending(path: "model").path)
            return (
                try #require(golden["logits"] as? [Double]), try #require((golden["sequences"] as? [[Int]])?.first)
            )
        }

        @Test(.timeLimit(.minutes(1))) func logitsAreThoseOfTransformers() async throws {
            let folder = try Self.folder("logits")
            defer { try? FileManager.default.removeItem(at: folder) }
            let (logits, ids) = try Self.goldenModel(in: folder)
            let lines = [
                #"{"question": "w5 w4 w7", "context": "w9  w11"}"#,
                "{\"input_ids\": \(ids), \"token_type_ids\": [0, 0, 0, 0, 0, 1, 1, 1]}",
            ]
            let objects = try Self.objects(
                try await TroupeProcess.run(["predict", "--model", "model"] + lines, in: folder))
            #expect(objects.count == 2)
            for object in objects {
                #expect(object["input_ids"] as? [Int] == ids)
                for (column, key) in ["start_logits", "end_logits"].enumerated() {
                    let got = try #require(object[key] as? [Double])
                    #expect(got.count == 8)
                    for (row, value) in got.enumerated() {
                        #expect(abs(value - logits[2 * row + column]) < 1e-5, "\(key)[\(row)]")
                    }
                }
            }
        }

        /// Scores by hand from the fixture's logits: of the passage's two words as start and end.
        @Test(.timeLimit(.minutes(1))) func answersFollowFromTheLogits() async throws {
            let folder = try Self.folder("answers")
            defer { try? FileManager.default.removeItem(at: folder) }
            let (logits, _) = try Self.goldenModel(in: folder)
            func score(_ start: Int, _ end: Int) -> Double { logits[2 * start] + logits[2 * end + 1] }
            let ranked = [("w11", 4, 7, score(6, 6)), ("w9  w11", 0, 7, score(5, 6)), ("w9", 0, 2, score(5, 5))]
            let total = ranked.reduce(0) { $0 + exp($1.3) }
            try Data(
                """
                {"question": "w5 w4 w7", "context": "w9  w11", "id": "first"}
                {"question": "w5 w4 w7", "context": "w9  w11"}

                """.utf8
            ).write(to: folder.appending(path: "lines.jsonl"))
            let answer = ["answer", "--model", "model", "--json", "--top", "9"]
            for extra in [["--input", "lines.jsonl"], ["--question", "w5 w4 w7", "--passage", "w9  w11"]] {
                let objects = try Self.objects(try await TroupeProcess.run(answer + extra, in: folder))
                #expect(
                    objects.count == (extra.count == 2 ? 2 : 1) && objects.last?["id"] as? String == "\(objects.count)")
                let answers = try #require(objects[0]["answers"] as? [[String: Any]])
                #expect(
                    answers.count == 3 && objects[0]["answer"] as? String == "w11" && objects[0]["null_odds"] == nil)
                for (answer, expected) in zip(answers, ranked) {
                    // BERT's words are joined by single blanks, the place is that in the passage.
                    #expect(answer["text"] as? String == expected.0.replacing("  ", with: " "))
                    #expect(answer["start"] as? Int == expected.1 && answer["end"] as? Int == expected.2)
                    #expect(abs((answer["score"] as? Double ?? 9) - expected.3) < 1e-5)
                    #expect(abs((answer["probability"] as? Double ?? 9) - exp(expected.3) / total) < 1e-5)
                }
                // The best start and the best end of all tokens are in the question.
                let argmax = try #require(objects[0]["argmax"] as? [String: Any])
                #expect(argmax["tokens"] as? [String] == ["w4", "w7"] && argmax["text"] as? String == "w4 w7")
            }
            let text = try await TroupeProcess.run(
                ["answer", "--model", "model", "--question", "w5 w4 w7", "--passage", "w9  w11"], in: folder)
            #expect(text.output == "w5 w4 w7\n    w11 (0.844) at 4-7\n", "\(text.output)")
            let odds = score(0, 0) - score(6, 6)
            for (threshold, expected) in [(odds + 0.01, "w11"), (odds - 0.01, "")] {
                let object = try #require(
                    Self.objects(
                        try await TroupeProcess.run(
                            answer + ["--allow-no-answer", "--null-threshold=\(threshold)", "--input", "lines.jsonl"],
                            in: folder)
                    ).first)
                #expect(object["answer"] as? String == expected)
                #expect(abs((object["null_odds"] as? Double ?? 9) - odds) < 1e-5)
                #expect((object["answers"] as? [[String: Any]])?.map { $0["text"] as? String }.contains("") == true)
            }
        }

        /// Predictions whose scores the official programs computed (scripts/goldens/squad.py).
        @Test(.timeLimit(.minutes(1))) func scoresAreTheOfficialOnes() async throws {
            let folder = try Self.folder("scores")
            defer { try? FileManager.default.removeItem(at: folder) }
            let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "AlgorithmsTests/Fixtures/squad-scores.json")
            let object = try JSONSerialization.jsonObject(with: Data(contentsOf: fixture)) as? [String: Any]
            let sets = try #require(object?["sets"] as? [[String: Any]])
            let kinds = [
                sets.filter { $0["v"] as? Int == 1 }, sets.filter { $0["o"] is [Double] },
                sets.filter { $0["v"] as? Int == 2 && !($0["o"] is [Double]) },
            ]
            for set in kinds.flatMap({ $0.prefix(4) }) {
                let questions = try #require(set["q"] as? [[Any]])
                var predictions: [String: String] = [:]
                let qas = questions.enumerated().map { index, question -> [String: Any] in
                    predictions["\(index)"] = question[1] as? String
                    let answers = (question[0] as? [String] ?? []).map {
                        ["text": $0, "answer_start": 0] as [String: Any]
                    }
                    return ["id": "\(index)", "question": "?", "answers": answers]
                }
                try Self.write(["data": [["paragraphs": [["context": "x", "qas": qas]]]]], to: "dev.json", in: folder)
                try Self.write(predictions, to: "predictions.json", in: folder)
                var arguments = [
                    "evaluate", "--task", set["v"] as? Int == 1 ? "squad" : "squad-v2", "--data", "dev.json",
                    "--predictions",
                    "predictions.json", "--json",
                ]
                if let odds = set["o"] as? [Double] {
                    try Self.write(
                        Dictionary(uniqueKeysWithValues: odds.enumerated().map { ("\($0)", $1) }), to: "odds.json",
                        in: folder)
                    arguments += ["--null-odds", "odds.json"]
                }
                let scores = try #require(Self.objects(try await TroupeProcess.run(arguments, in: folder)).first)
                let expected = try #require(set["e"] as? [[Any]])
                #expect(scores.count == expected.count)
                for pair in expected {
                    let key = try #require(pair[0] as? String)
                    let (got, value) = (try #require(scores[key] as? Double), try #require(pair[1] as? Double))
                    #expect(abs(got - value) < 1e-9, "\(key): \(got), expected \(value)")
                }
            }
        }

        /// A passage names one color, at any place; that is the answer.
        private static func trainingFolder(_ name: String) throws -> URL {
            let folder = try Self.folder(name)
            let words = [
                "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "green", "the", "sky", "is", "what", "?", ".",
            ]
            let vocabulary = folder.appending(path: "vocab.txt").path
            try Data((words.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: vocabulary))
            let configuration = try ModelConfiguration(
                keys: [
                    "model_type": .string("bert"), "vocab_size": .integer(13), "hidden_size": .integer(16),
                    "num_hidden_layers": .integer(1), "num_attention_heads": .integer(2),
                    "intermediate_size": .integer(32), "max_position_embeddings": .integer(24),
                ], source: "test")
            let model = EncoderModel(configuration, head: .none, seed: 1, in: ComputeContext())
            try ModelDirectory.save(
                configuration, head: .none, model.parameters,
                tokenizer: .wordPiece(path: vocabulary, lowercase: true), to: folder.appending(path: "model").path)
            let paragraphs = (0..<40).map { number -> [String: Any] in
                let filler = String(repeating: "the sky is ", count: 1 + number % 9)
                let color = number % 2 == 0 ? "Red" : "Green"
                let isKnown = number % 5 > 0
                return [
                    "context": "\(filler)\(isKnown ? color : "the"). \(number % 3 == 0 ? "The sky is." : "")",
                    "qas": [
                        [
                            "id": "q\(number)", "question": "What is the sky?", "is_impossible": !isKnown,
                            "answers": isKnown ? [["text": color, "answer_start": filler.count]] : [],
                        ] as [String: Any]
                    ],
                ]
            }
            try Self.write(["data": [["paragraphs": paragraphs]]], to: "data.json", in: folder)
            return folder
        }

        @Test(.timeLimit(.minutes(2))) func aTaskIsLearnedAskedAndEvaluated() async throws {
            let folder = try Self.trainingFolder("learned")
            defer { try? FileManager.default.removeItem(at: folder) }
            let lengths = ["--max-length", "20", "--document-stride", "6"]
            let ending = try await TroupeProcess.run(
                [
                    "finetune", "--task", "squad-v2", "--model", "model", "--data", "data.json", "--dev-share", "0.25",
                    "--max-length", "20", "--set", "task.document_stride=6", "--batch-size", "8", "--learning-rate",
                    "0.02",
                    "--epochs", "10", "--threads", "1", "--workers", "2", "--run-dir", "run",
                ], in: folder)
            #expect(ending.exitCode == 0, "\(ending.errors)")
            #expect(ending.output.contains("eval_f1 = 100"), "\(ending.output)")
            let passage = String(repeating: "the sky is ", count: 9) + "Green."
            let answers = try Self.objects(
                try await TroupeProcess.run(
                    [
                        "answer", "--model", "run/model", "--json", "--allow-no-answer", "--question",
                        "What is the sky?",
                        "--passage", passage,
                    ] + lengths, in: folder))
            #expect(answers.first?["answer"] as? String == "Green", "\(answers)")
            let evaluate = ["evaluate", "--task", "squad-v2", "--model", "run/model", "--data", "data.json"] + lengths
            let scores = try Self.objects(
                try await TroupeProcess.run(evaluate + ["--output-dir", "out", "--json"], in: folder))
            #expect(scores.first?["total"] as? Int == 40 && scores.first?["f1"] as? Double ?? 0 > 95, "\(scores)")
            #expect(
                Set(try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "out").path)) == [
                    "predictions.json", "nbest_predictions.json", "null_odds.json", "eval_results.txt",
                ])
            // What was written scores the same, and is not replaced by accident.
            let again = try Self.objects(
                try await TroupeProcess.run(
                    [
                        "evaluate", "--task", "squad-v2", "--data", "data.json", "--json", "--predictions",
                        "out/predictions.json", "--null-odds", "out/null_odds.json",
                    ], in: folder))
            #expect(again.first as NSDictionary? == scores.first as NSDictionary?)
            let refused = try await TroupeProcess.run(evaluate + ["--output-dir", "out"], in: folder)
            #expect(refused.exitCode == 65 && refused.errors.contains("out/predictions.json is there already"))
            let replaced = try await TroupeProcess.run(
                evaluate + ["--output-dir", "out", "--overwrite"], in: folder)
            #expect(replaced.exitCode == 0 && replaced.output.hasPrefix("exact = "), "\(replaced.errors)")
        }

        @Test(
            .timeLimit(.minutes(1)),
            arguments: [
                (["answer", "--model", "model", "--question", "a", "--passage", "b"], 65, "qa_outputs.weight"),
                (["answer", "--model", "nowhere", "--question", "a", "--passage", "b"], 65, "nowhere"),
                (["answer", "--model", "model", "--question", "a"], 64, "belong together"),
                (["evaluate", "--task", "squad", "--model", "model", "--data", "data.json"], 65, "question q0"),
                (
                    ["evaluate", "--task", "squad-v2", "--model", "model", "--data", "data.json"], 65,
                    "qa_outputs.weight"
                ),
                (["evaluate", "--task", "squad-v2", "--model", "model", "--data", "none.json"], 65, "none.json"),
                (["evaluate", "--task", "squad-v2", "--data", "data.json"], 64, "--predictions"),
                (
                    ["evaluate", "--task", "squad-v2", "--data", "data.json", "--predictions", "empty.json"], 65,
                    "empty.json: no prediction for question q0"
                ),
                (
                    [
                        "finetune", "--task", "squad", "--model", "model", "--data", "data.json", "--run-dir", "run",
                        "--max-length", "384",
                    ], 65,
                    "384"
                ),
            ])
        func badInputIsNamed(arguments: [String], code: Int32, mention: String) async throws {
            let folder = try Self.trainingFolder("bad-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data("{}".utf8).write(to: folder.appending(path: "empty.json"))
            let ending = try await TroupeProcess.run(arguments, in: folder)
            #expect(ending.exitCode == code && ending.errors.contains(mention), "\(ending.exitCode): \(ending.errors)")
        }
    }
}
