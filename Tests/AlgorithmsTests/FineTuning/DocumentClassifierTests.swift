import Algorithms
import Foundation
import Models
import Tensor
import TestSupport
import Testing
import Text

/// A classifier of one's own: a linear map of the last hidden state of [CLS], trained with plain SGD, alone or with the
/// top layers (spec §5.9).
@Suite(.timeLimit(.minutes(1))) struct DocumentClassifierTests {
    private static let rate = 0.5
    private static let settings = [
        "task.head=first_token", "optimizer.name=sgd", "optimizer.momentum=0", "optimizer.weight_decay=0",
        "optimizer.learning_rate=\(rate)", "optimizer.gradient_clip.norm=null", "batch.global_batch_size=96",
        "batch.microbatch_size=16",
    ]

    /// The fixture's model without dropout, so that what is frozen computes the same features in every step.
    private func program(_ overrides: [String], in folder: String) throws -> FineTuningProgram {
        let source = try FineTuningFixture.shared.get().directory + "/model"
        let copy = folder + "/" + UUID().uuidString
        try FileManager.default.copyItem(atPath: source, toPath: copy)
        let config = URL(filePath: copy + "/config.json")
        var keys = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: config)) as? [String: Any])
        keys["hidden_dropout_prob"] = 0
        keys["attention_probs_dropout_prob"] = 0
        try JSONSerialization.data(withJSONObject: keys).write(to: config)
        return try FineTuningProgram(
            FineTuningFixture.shared.get().configuration(
                "classification", Self.settings + ["model.directory=\(copy)"] + overrides), in: ComputeContext())
    }

    private func parameter(_ name: String, of program: FineTuningProgram) throws -> [Double] {
        let weights = program.checkpoint(completedSteps: 0).weights
        let entry = try #require(weights.entries.first { $0.name == name })
        return unsafe weights.withBytes(of: entry) { bytes in
            unsafe bytes.bindMemory(to: Float.self).map(Double.init)
        }
    }

    /// Only the new map learns: the same curve as logistic regression on features that were computed once.
    @Test func aFrozenEncoderIsLogisticRegression() throws {
        try withTemporaryDirectory { folder in
            let program = try program([#"optimizer.train=["cls\\."]"#], in: folder)
            #expect(program.summary["trained_parameters"] == String(16 * 2 + 2))

            let (features, labels) = try features()
            var weights = try parameter("cls.weight", of: program)
            var bias = try parameter("cls.bias", of: program)
            for step in 0..<20 {
                let loss = try program.train(step: step, stopRequested: false, exchange: LocalExchange()).values["loss"]
                let expected = Self.descend(&weights, &bias, features, labels)
                #expect(abs((loss ?? .nan) - expected) < 1e-5 * expected, "step \(step): \(loss ?? .nan), \(expected)")
            }
            for (got, expected) in zip(try parameter("cls.weight", of: program), weights) {
                #expect(abs(got - expected) < 1e-5)
            }
        }
    }

    /// Groups with rates of their own learn as fast as they say: w −= rate · gradient.
    @Test func topLayersHaveRatesOfTheirOwn() throws {
        try withTemporaryDirectory { folder in
            let train = #"optimizer.train=["cls\\.", "bert\\.encoder\\.layer\\.1\\."]"#
            let slow = try program([train, #"optimizer.rates=["bert\\.encoder\\.layer\\.1=50"]"#], in: folder)
            let fast = try program([train, #"optimizer.rates=["bert\\.encoder\\.layer\\.1=100"]"#], in: folder)
            let (name, frozen) = (
                "bert.encoder.layer.1.output.dense.weight", "bert.encoder.layer.0.output.dense.weight"
            )
            let before = try (parameter(name, of: slow), parameter(frozen, of: slow), parameter("cls.bias", of: slow))
            for program in [slow, fast] {
                _ = try program.train(step: 0, stopRequested: false, exchange: LocalExchange())
            }
            #expect(try parameter(frozen, of: slow) == before.1)
            let (slowly, quickly) = try (parameter(name, of: slow), parameter(name, of: fast))
            let moved = zip(before.0, slowly).map { $1 - $0 }
            let scale = moved.map(abs).max() ?? 0
            #expect(scale > 0)
            for (index, move) in moved.enumerated() {
                #expect(abs(quickly[index] - before.0[index] - 2 * move) < 0.01 * scale)
            }
            #expect(try parameter("cls.bias", of: slow) == parameter("cls.bias", of: fast))
            #expect(try parameter("cls.bias", of: slow) != before.2)
        }
    }

    /// Padding that is attended changes what the model computes, and every text has the same length.
    @Test func paddingCanBeAttended() throws {
        try withTemporaryDirectory { folder in
            let masked = try program([], in: folder)
            let attended = try program(["task.attend_padding=true"], in: folder)
            let (loss, other) = (
                try masked.train(step: 0, stopRequested: false, exchange: LocalExchange()),
                try attended.train(step: 0, stopRequested: false, exchange: LocalExchange())
            )
            #expect(loss.values["loss"] != other.values["loss"])
            #expect(other.values["tokens"] == 96 * 24 && other.values["padded_tokens"] == 96 * 24)
        }
    }

    /// Parameters of BERT-base that the slides' three ways of freezing leave.
    @Test func bertBaseHasTheseLiveParameters() throws {
        let configuration = try PublishedModel.configuration(named: "bert-base-uncased")
        let entries = configuration.parameterEntries(head: .firstTokenClassification(labels: 9))
        func live(_ patterns: [String]) throws -> Int {
            let scales = try ParameterSelection(trained: patterns).scales(of: entries.map(\.name), peak: 1)
            return zip(entries, scales).filter { $1 != 0 }.reduce(0) { $0 + $1.0.shape.count }
        }
        #expect(try live([#"cls\."#]) == 6_921)
        #expect(try live([#"cls\."#, #"bert\.encoder\.layer\.(10|11)\."#]) == 14_182_665)
    }

    // MARK: The reference

    /// The last hidden state of [CLS] of every training text, and whether it is a good review.
    private func features() throws -> (features: [[Double]], labels: [Int]) {
        let directory = try FineTuningFixture.shared.get().directory
        let tokenizer = try loadTokenizer(directory: directory + "/model")
        let context = ComputeContext()
        let model = try ModelDirectory.load(directory + "/model", head: .none, in: context).model
        let lines = try String(contentsOfFile: directory + "/train.jsonl", encoding: .utf8).split(separator: "\n")
        var (features, labels) = ([[Double]](), [Int]())
        for line in lines {
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
            let encoding = try tokenizer.encode(try #require(object["text"]))[0]
            let input = try EncoderInput([(encoding.ids, encoding.typeIDs)], for: model.configuration, in: context)
            features.append(Array(Tensor.withoutGradient { model.encode(input) }.lastHidden.doubles().prefix(16)))
            labels.append(object["label"] == "positive" ? 1 : 0)
        }
        return (features, labels)
    }

    /// One step of gradient descent on the mean cross-entropy over two classes; gives the loss before it.
    private static func descend(
        _ weights: inout [Double], _ bias: inout [Double], _ features: [[Double]], _ labels: [Int]
    ) -> Double {
        var loss = 0.0
        var (weightGradient, biasGradient) = ([Double](repeating: 0, count: 32), [0.0, 0.0])
        for (feature, label) in zip(features, labels) {
            var logits = bias
            for row in 0..<2 {
                for column in 0..<16 { logits[row] += weights[row * 16 + column] * feature[column] }
            }
            let total = log(exp(logits[0]) + exp(logits[1]))
            loss += total - logits[label]
            for row in 0..<2 {
                let error = (exp(logits[row] - total) - (row == label ? 1 : 0)) / Double(labels.count)
                biasGradient[row] += error
                for column in 0..<16 { weightGradient[row * 16 + column] += error * feature[column] }
            }
        }
        for index in weights.indices { weights[index] -= rate * weightGradient[index] }
        for index in bias.indices { bias[index] -= rate * biasGradient[index] }
        return loss / Double(labels.count)
    }
}
