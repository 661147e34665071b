import Foundation
import Testing

/// A small corpus, vocabulary, records and run file in a temporary folder, made by the program itself, once.
struct TinyRun {
    /// The folder that holds `data/` and `tiny.yaml`; runs go beside them.
    let folder: URL

    /// The number of steps in the run file.
    static let steps = 50

    /// Why no run could be prepared.
    struct PreparationFailed: Error, CustomStringConvertible {
        let description: String
    }

    private static let shared = Task { try await make() }

    /// The shared folder; prepared by the first test that asks.
    static func prepared() async throws -> TinyRun { try await shared.value }

    private static func make() async throws -> TinyRun {
        let folder = FileManager.default.temporaryDirectory.appending(path: "troupe-tests-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Shared by all tests of the process, so removed when it ends.
        atexit {
            try? FileManager.default.removeItem(
                at: FileManager.default.temporaryDirectory.appending(path: "troupe-tests-\(getpid())"))
        }
        try corpus(seed: 7).write(to: folder.appending(path: "corpus.txt"), atomically: true, encoding: .utf8)
        try runFile.write(to: folder.appending(path: "tiny.yaml"), atomically: true, encoding: .utf8)
        for arguments in [
            ["data", "prepare", "corpus.txt", "--config", "tiny.yaml"]
        ] {
            let ending = try await TroupeProcess.run(arguments, in: folder)
            // Thrown, not required: every test that shares the preparation has to fail with it.
            guard ending.exitCode == 0 else {
                throw PreparationFailed(description: "troupe \(arguments.joined(separator: " ")): \(ending.errors)")
            }
        }
        return TinyRun(folder: folder)
    }

    /// Runs `troupe pretrain` with the tiny run file.
    func pretrain(_ name: String, workers: Int, _ more: [String] = []) async throws -> TroupeProcess.Ending {
        try await start(name, workers: workers, more).ending()
    }

    /// Starts `troupe pretrain` with the tiny run file.
    func start(_ name: String, workers: Int, _ more: [String] = []) throws -> TroupeProcess.Running {
        try TroupeProcess.start(
            ["pretrain", "--config", "tiny.yaml", "--workers", String(workers), "--run-dir", name] + more, in: folder)
    }

    /// `result.json` of a run.
    func result(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appending(path: "\(name)/result.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// The objects of a JSON-lines file of a run.
    func lines(_ name: String, _ file: String) throws -> [[String: Any]] {
        let text = try String(contentsOf: folder.appending(path: "\(name)/\(file)"), encoding: .utf8)
        return try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    /// The loss after each step of a run.
    func losses(_ name: String) throws -> [Int: Double] {
        try lines(name, "metrics.jsonl").reduce(into: [:]) { losses, line in
            if let step = line["step"] as? Int, let loss = line["loss"] as? Double { losses[step] = loss }
        }
    }

    /// Waits until `metrics.jsonl` of a run holds at least `count` lines.
    func waitForSteps(_ name: String, _ count: Int) async throws {
        for _ in 0..<3000 {
            if let text = try? String(contentsOf: folder.appending(path: "\(name)/metrics.jsonl"), encoding: .utf8),
                text.split(separator: "\n").count >= count
            {
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("\(name) did not reach \(count) steps within 30 s")
    }

    /// Documents of made-up sentences with a grammar, enough for a vocabulary and for order to matter.
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
        return (0..<300).map { _ in
            (0..<6).map { _ in "\(draw(subjects)) \(draw(verbs)) \(draw(objects)) \(draw(places))." }
                .joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    /// Overrides for a run long enough to be interrupted in the middle.
    static func long(steps: Int) -> [String] {
        ["training.steps=\(steps)", "schedule.total_steps=\(steps)", "evaluation.interval_steps=0"]
            .flatMap { ["--set", $0] }
    }

    private static let runFile = """
        seed: 11
        model:
          type: albert
          vocab_size: 90
          embedding_size: 16
          hidden_size: 32
          num_hidden_layers: 2
          num_attention_heads: 2
          intermediate_size: 64
          max_position_embeddings: 64
          hidden_dropout_prob: 0.1
        data:
          directory: data
          preparation:
            max_sequence_length: 48
            max_predictions: 8
            duplicate_factor: 3
            heldout_share: 0.1
        batch:
          global_batch_size: 16
          microbatch_size: 4
        optimizer:
          name: lamb
          learning_rate: 0.01
        schedule:
          name: tf_linear
          warmup_steps: 5
          total_steps: 50
        training:
          steps: \(steps)
        evaluation:
          interval_steps: 20
          batch_size: 8
          maximum_batches: 4
        checkpoint:
          interval_steps: 5
          keep: 3
        """
}
