import Algorithms
import Foundation
import Tensor

/// Generated SQuAD files for the model of `FineTuningFixture`: the answer is the one judging word of a passage, which is
/// longer than a window now and then; in version 2.0 every third passage has none.
struct QuestionFixture: Sendable {
    private let folder: String

    static let shared = Result { try QuestionFixture() }

    private init() throws {
        folder = try FineTuningFixture.shared.get().directory + "/squad"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, paragraphs, seed) in [("train", 48, UInt64(1)), ("dev", 20, 2)] {
            try write(Self.file(paragraphs, seed: seed, allowsNoAnswer: false), to: "\(name)-v1.1.json")
            try write(Self.file(paragraphs, seed: seed, allowsNoAnswer: true), to: "\(name)-v2.0.json")
        }
        var question: [String: Any] = ["id": "odd", "question": "was"]
        for (name, changes) in [
            ("unanswered", [:]), ("impossible", ["is_impossible": true]),
            ("nowhere", ["answers": [["text": "film"]]]),
            ("outside", ["answers": [["text": "film", "answer_start": 9]]]),
        ] as [(String, [String: Any])] {
            question.merge(changes) { $1 }
            let paragraph: [String: Any] = ["context": "the film", "qas": [question]]
            try write(["data": [["paragraphs": [paragraph]]]], to: "\(name).json")
            question["is_impossible"] = nil
        }
    }

    private func write(_ object: [String: Any], to name: String) throws {
        try JSONSerialization.data(withJSONObject: object).write(to: URL(filePath: "\(folder)/\(name)"))
    }

    private static func file(_ count: Int, seed: UInt64, allowsNoAnswer: Bool) -> [String: Any] {
        var random = PhiloxGenerator(key: RandomKey(seed: seed))
        func pick(_ words: [String]) -> String { words[Int(random.nextUniform() * Double(words.count))] }
        let paragraphs = (0..<count).map { number -> [String: Any] in
            var words = (0..<(3 + Int(random.nextUniform() * 30))).map { _ in
                pick(["the", "film", "was", "really", "a", "b"])
            }
            let isImpossible = allowsNoAnswer && number % 3 == 2
            let place = Int(random.nextUniform() * Double(words.count))
            let answer = pick(["good", "fine", "great", "bad", "poor", "awful"])
            if !isImpossible { words[place] = answer }
            let start = words.prefix(place).reduce(0) { $0 + $1.count + 1 }
            let questions = (0..<2).map { question -> [String: Any] in
                [
                    "id": "\(number)-\(question)", "question": question == 0 ? "the film was" : "was a film",
                    "is_impossible": isImpossible,
                    "answers": isImpossible ? [] : [["text": answer, "answer_start": start]],
                ]
            }
            return ["context": words.joined(separator: " "), "qas": questions]
        }
        return ["version": "test", "data": [["title": "", "paragraphs": paragraphs]]]
    }

    /// The run file of `squad` or `squad-v2`, changed by overrides.
    func configuration(_ task: String, _ overrides: [String] = []) throws -> RunConfiguration {
        try FineTuningFixture.shared.get().configuration(
            task,
            [
                "task.data=\(folder)", "task.train_file=null", "task.development_file=null", "task.document_stride=8",
                "training.steps=60",
            ] + overrides)
    }
}
