import Algorithms
import Foundation
import Text

/// Small prepared records, made once for all tests of this process and removed at its end.
struct PreparedFixture: Sendable {
    /// The directory of the prepared data.
    let directory: String

    /// Two corpora of the same kind: the data of most tests, and other data.
    static let shared = Result { try PreparedFixture(seed: 7) }
    static let other = Result { try PreparedFixture(seed: 8) }

    private static let root: String = {
        atexit { try? FileManager.default.removeItem(atPath: PreparedFixture.root) }
        return FileManager.default.temporaryDirectory.appending(path: "troupe-pretraining-\(UUID().uuidString)")
            .path(percentEncoded: false)
    }()

    private init(seed: UInt64) throws {
        directory = "\(Self.root)/\(seed)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let corpus = "\(directory)/corpus.txt"
        try Data(Self.corpus(seed: seed).utf8).write(to: URL(filePath: corpus))
        var training = SentencePieceTraining()
        training.vocabularySize = 90
        training.threads = 1
        var preparation = DataPreparation(
            input: .plainText(paths: [corpus], layout: .sentences), vocabulary: .trained(training))
        preparation.parameters.maxSequenceLength = 64
        preparation.parameters.maxPredictions = 8
        preparation.parameters.duplicateFactor = 1
        // Records of many lengths.
        preparation.parameters.shortSequenceProbability = 0.5
        preparation.heldoutShare = 0.2
        _ = try preparation.run(directory: directory)
    }

    /// The run file of a small model with dropout over these records, changed by overrides.
    func configuration(_ overrides: [String] = []) throws -> RunConfiguration {
        try RunConfiguration.parse(
            yaml: """
                seed: 11
                model: {type: albert, vocab_size: 90, embedding_size: 16, hidden_size: 32, num_hidden_layers: 2,
                  num_attention_heads: 2, intermediate_size: 64, max_position_embeddings: 64, hidden_dropout_prob: 0.1}
                data: {directory: "\(directory)"}
                batch: {global_batch_size: 16, microbatch_size: 4}
                optimizer: {name: lamb, learning_rate: 0.01}
                schedule: {name: constant, warmup_steps: 0, total_steps: 100}
                training: {steps: 100}
                evaluation: {batch_size: 4, maximum_batches: 5}
                """, file: "fixture", overrides: overrides)
    }

    private static func corpus(seed: UInt64) -> String {
        var state = seed
        func draw(_ list: [String]) -> String {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return list[Int(state >> 33) % list.count]
        }
        let subjects = ["the server", "a client", "this library", "the old parser", "each worker", "our compiler"]
        let verbs = ["reads", "writes", "checks", "sends", "holds", "forgets", "measures", "translates"]
        let objects = ["a message", "the index", "large files", "every number", "two tables", "the last record"]
        let places = ["on disk", "in memory", "over the network", "at night", "without errors", "for its users"]
        return (0..<120).map { document in
            (0..<(2 + document % 5)).map { sentence in
                let end = (document + sentence) % 3 == 0 ? "" : " \(draw(objects)) \(draw(places))"
                return "\(draw(subjects)) \(draw(verbs))\(end)."
            }.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}
