/// The numbers of one step.
package struct MetricRecord: Sendable, Equatable {
    /// The optimizer step, from 1.
    package let step: Int
    /// Metrics by name (`loss`, `learning_rate`, ...); a number that was not finite when written comes back as NaN.
    package let values: [String: Double]

    /// Makes a record.
    package init(step: Int, values: [String: Double]) {
        self.step = step
        self.values = values
    }
}

extension MetricRecord: Decodable {
    /// Reads one line of `metrics.jsonl`.
    package init(from decoder: any Decoder) throws {
        var numbers = try decoder.singleValueContainer().decode([String: Double?].self)
        guard case .some(.some(let step)) = numbers.removeValue(forKey: "step"), let step = Int(exactly: step) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no step"))
        }
        self.init(step: step, values: numbers.mapValues { $0 ?? .nan })
    }
}

/// `metrics.jsonl`: one object per step, its keys always in the same order. May be used from any thread.
package final class MetricsLog: Sendable {
    /// The keys that come first, in this order; others follow alphabetically.
    private static let order = [
        "loss", "masked_lm_loss", "masked_lm_accuracy", "sentence_order_loss", "sentence_order_accuracy",
        "learning_rate", "gradient_norm", "tokens_per_second", "seconds",
    ]

    private let writer: JSONLinesWriter

    /// Opens or creates the log; a resumed run removes the lines of steps after the one it resumes from.
    ///
    /// - Throws: `CoordinatorError`: `damaged` or `storage`.
    package init(path: String, resumingAfter step: Int? = nil) throws {
        writer = try JSONLinesWriter(path: path, keepingThrough: step)
    }

    /// Appends the numbers of one step. Throws `CoordinatorError` with code `storage`.
    package func append(_ record: MetricRecord) throws {
        let numbers = Self.sorted(record.values).map { JSONValue.Member($0.key, .number($0.value)) }
        try writer.append([.init("step", .integer(record.step))] + numbers)
    }

    /// Reads a log; a line torn by a crash is left out. Throws `CoordinatorError`: `damaged` or `storage`.
    package static func read(path: String) throws -> [MetricRecord] {
        try JSONLines.read(MetricRecord.self, from: path)
    }

    /// The metrics in the order in which they are shown everywhere.
    static func sorted(_ values: [String: Double]) -> [(key: String, value: Double)] {
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        return values.sorted { left, right in
            let places = (places[left.key] ?? order.count, places[right.key] ?? order.count)
            return places.0 == places.1 ? left.key < right.key : places.0 < places.1
        }
    }
}
