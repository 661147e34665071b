import Foundation
import Models
import Tensor

/// One model of model-parity.json with its input and what `transformers` makes of it.
struct ParityCase: Sendable, CustomStringConvertible {
    let number: Int
    /// The class of `transformers`.
    let name: String
    let configuration: ModelConfiguration
    let sequences: [(ids: [Int32], typeIDs: [Int32])]
    let logits: [Double]
    let loss: Double
    let hidden: [[Double]]
    let attentions: [[Double]]
    let gradients: [String: Double]
    private let targets: [String: JSONValue]

    var description: String { "\(number) \(name)" }

    /// The shape of the attention probabilities of each sequence.
    func squares(heads: Int) -> [[Int]] { sequences.map { [heads, $0.ids.count, $0.ids.count] } }

    /// The cases of the fixture, or of the file that `TROUPE_MODEL_PARITY` names (scripts/parity models).
    static func all() throws -> [ParityCase] {
        let other = ProcessInfo.processInfo.environment["TROUPE_MODEL_PARITY"].map { URL(filePath: $0) }
        guard
            let url = other
                ?? Bundle.module.url(forResource: "model-parity", withExtension: "json", subdirectory: "Fixtures"),
            case .array(let cases)? = try JSONValue.parseObject(Data(contentsOf: url), source: "fixture")["cases"]
        else { throw ModelsError(.malformedFile, "no cases in model-parity.json") }
        return try cases.enumerated().map { try ParityCase(number: $0, $1) }
    }

    private init(number: Int, _ value: JSONValue) throws {
        guard case .object(let members) = value, case .object(let config)? = members["config"],
            case .object(let targets)? = members["targets"], case .object(let gradients)? = members["gradients"],
            case .string(let name)? = members["name"]
        else { throw ModelsError(.malformedFile, "case \(number)") }
        self.number = number
        self.name = name
        self.targets = targets
        self.gradients = gradients.mapValues { $0.doubles[0] }
        configuration = try ModelConfiguration(keys: config, source: "case \(number)")
        func rows(_ key: String) -> [[Double]] { members[key]?.elements.map(\.doubles) ?? [] }
        sequences = zip(rows("sequences"), rows("types")).map { ($0.map { Int32($0) }, $1.map { Int32($0) }) }
        hidden = rows("hidden")
        attentions = rows("attentions")
        logits = members["logits"]?.doubles ?? []
        loss = members["loss"]?.doubles[0] ?? .nan
    }

    /// What the script stored beside the input under `key`.
    func numbers(_ key: String) -> [Double]? { targets[key]?.doubles }

    /// The logits of the head, and the loss whose gradients are in the fixture.
    func run(_ model: EncoderModel, _ input: EncoderInput) throws -> (logits: Tensor, loss: Tensor) {
        let labels = (numbers("labels") ?? []).map { Int32($0) }
        let count = Double(sequences.count)
        func crossEntropy(_ logits: Tensor, _ labels: [Int32]) -> (Tensor, Tensor) {
            let denominator = ClassificationLoss.weight(of: labels)
            return (logits, ClassificationLoss.crossEntropy(logits, labels: labels, denominator: denominator).loss)
        }
        switch model.head {
        case .none, .pretraining: return try bareLoss(model, input)
        case .maskedLM:
            // Ours computes only the rows asked for; all of them, because the fixture has all.
            return crossEntropy(model.maskedLMLogits(input, rows: (0..<Int32(labels.count)).map { $0 }), labels)
        case .tokenClassification: return crossEntropy(model.tokenLogits(input), labels)
        case .sequenceClassification, .firstTokenClassification:
            let logits = model.sequenceLogits(input)
            let (targets, size) = (numbers("labels") ?? [], Double(logits.count))
            switch configuration.encoder.task.problemType {
            case .regression:
                return (logits, ClassificationLoss.meanSquaredError(logits, targets: targets, denominator: size).loss)
            case .multiLabelClassification:
                return (logits, ClassificationLoss.binaryCrossEntropy(logits, targets: targets, denominator: size).loss)
            default: return crossEntropy(logits, labels)
            }
        case .questionAnswering:
            let logits = model.spanLogits(input)
            let (starts, ends) = ((numbers("starts") ?? []).map { Int($0) }, (numbers("ends") ?? []).map { Int($0) })
            let counts = ClassificationLoss.spanCounts(input.sequences, starts: starts, ends: ends)
            let loss = ClassificationLoss.spans(
                logits, input.sequences, starts: starts, ends: ends, denominators: counts)
            return (logits, loss.loss)
        case .multipleChoice:
            let logits = model.choiceLogits(input)
            let groups = (numbers("groups") ?? []).map { Int($0) }
            return (
                logits,
                ClassificationLoss.choices(logits, groups: groups, labels: labels, denominator: count / 2).loss
            )
        }
    }

    /// Σ h² over the last hidden state, plus Σ column·pooled.
    private func bareLoss(_ model: EncoderModel, _ input: EncoderInput) throws -> (Tensor, Tensor) {
        let output = model.encode(input)
        let squares = output.lastHidden.objective { values in
            (values.reduce(0) { $0 + $1 * $1 }, values.map { 2 * $0 })
        }
        guard let pooled = model.pooled(of: output, input) else { return (output.lastHidden, squares) }
        let width = pooled.shape[1]
        let weighted = pooled.objective { values in
            let weights = values.indices.map { Double($0 % width) }
            return (zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 }, weights)
        }
        return (output.lastHidden, squares.add(weighted))
    }
}

extension JSONValue {
    /// The elements of an array.
    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// A number alone, or the numbers of an array.
    var doubles: [Double] {
        switch self {
        case .integer(let value): [Double(value)]
        case .real(let value): [value]
        case .array(let values): values.flatMap(\.doubles)
        default: []
        }
    }
}
