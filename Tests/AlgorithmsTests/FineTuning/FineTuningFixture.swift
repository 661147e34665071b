import Algorithms
import Foundation
import Models
import Tensor

/// A tiny BERT with random weights and data that it can learn, made once for all tests of this process.
struct FineTuningFixture: Sendable {
    /// The folder of the model and of the data.
    let directory: String

    static let shared = Result { try FineTuningFixture() }

    private static let root: String = {
        atexit { try? FileManager.default.removeItem(atPath: FineTuningFixture.root) }
        return FileManager.default.temporaryDirectory.appending(path: "troupe-finetuning-\(UUID().uuidString)")
            .path(percentEncoded: false)
    }()

    private static let words = [
        "good", "fine", "great", "bad", "poor", "awful", "the", "film", "was", "really", "a", "b",
    ]

    private init() throws {
        directory = Self.root
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + Self.words
        try write(vocabulary.joined(separator: "\n") + "\n", to: "vocab.txt")
        let configuration = try ModelConfiguration(
            keys: [
                "model_type": .string("bert"), "vocab_size": .integer(vocabulary.count), "hidden_size": .integer(16),
                "num_hidden_layers": .integer(2), "num_attention_heads": .integer(2), "intermediate_size": .integer(32),
                "max_position_embeddings": .integer(24),
            ], source: "test")
        let model = EncoderModel(configuration, head: .none, seed: 3, in: ComputeContext())
        try ModelDirectory.save(
            configuration, head: .none, model.parameters,
            tokenizer: .wordPiece(path: "\(directory)/vocab.txt", lowercase: true), to: "\(directory)/model")
        for (name, count, seed) in [("train", 96, UInt64(1)), ("dev", 40, 2)] {
            try write(Self.reviews(count, seed: seed), to: "\(name).jsonl")
            try write(Self.sentences(count, seed: seed), to: "\(name).txt")
            for level in ["middle", "high"] {
                try write(Self.questions(count / 2, seed: seed), to: "\(name)/\(level)/all.txt")
            }
        }
        try write("{\"text\": \"the film was good\", \"label\": \"positve\"}\n", to: "odd.jsonl")
    }

    private func write(_ text: String, to name: String) throws {
        let file = URL(filePath: "\(directory)/\(name)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Reviews whose label is that of their one judging word.
    private static func reviews(_ count: Int, seed: UInt64) -> String {
        var random = PhiloxGenerator(key: RandomKey(seed: seed))
        return (0..<count).map { _ in
            let isGood = random.nextUniform() < 0.5
            let judging = words[Int(random.nextUniform() * 3) + (isGood ? 0 : 3)]
            let filler = (0..<Int(random.nextUniform() * 6)).map { _ in words[6 + Int(random.nextUniform() * 6)] }
            let text = (["the", "film", "was"] + filler + [judging]).joined(separator: " ")
            return "{\"text\": \"\(text)\", \"label\": \"\(isGood ? "positive" : "negative")\"}\n"
        }.joined()
    }

    /// Sentences in CoNLL columns, whose judging words are entities.
    private static func sentences(_ count: Int, seed: UInt64) -> String {
        var random = PhiloxGenerator(key: RandomKey(seed: seed))
        return (0..<count).map { _ in
            (0..<(2 + Int(random.nextUniform() * 6))).map { _ in
                let word = Int(random.nextUniform() * Double(words.count))
                return "\(words[word]) X X \(word < 3 ? "B-POS" : word < 6 ? "B-NEG" : "O")\n"
            }.joined() + "\n"
        }.joined()
    }

    /// Articles of RACE with a question each, whose right answer is the one good word.
    private static func questions(_ count: Int, seed: UInt64) -> String {
        var random = PhiloxGenerator(key: RandomKey(seed: seed))
        return (0..<count).map { index in
            let right = Int(random.nextUniform() * 4)
            let options = (0..<4).map { words[Int(random.nextUniform() * 3) + ($0 == right ? 0 : 3)] }
            return "{\"article\": \"the film\", \"questions\": [\"the film was _\"], \"options\": [["
                + options.map { "\"\($0)\"" }.joined(separator: ", ")
                + "]], \"answers\": [\"\(["A", "B", "C", "D"][right])\"], \"id\": \"\(index).txt\"}\n"
        }.joined()
    }

    /// The run file of a task over this data, changed by overrides.
    func configuration(_ task: String = "classification", _ overrides: [String] = []) throws -> RunConfiguration {
        let suffix = task == "tagging" ? ".txt" : task == "race" ? "" : ".jsonl"
        // SGD has no forms.
        let form = overrides.contains("optimizer.name=sgd") ? "" : "form: torch, "
        let yaml = """
            seed: 7
            program: finetuning
            model: {directory: \(directory)/model}
            task:
              name: \(task)
              data: \(directory)
              train_file: train\(suffix)
              development_file: dev\(suffix)
              max_sequence_length: 24
            batch: {global_batch_size: 16, microbatch_size: 4}
            optimizer: {name: adamw, \(form)learning_rate: 0.01}
            schedule: {name: constant, warmup_steps: 0}
            training: {steps: 30}
            evaluation: {interval_steps: 10, batch_size: 8}
            """
        return try RunConfiguration.parse(yaml: yaml, file: "test", overrides: overrides)
    }
}
