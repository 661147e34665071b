import FoundationEssentials

/// What came out of a run: the content of `result.json`.
package struct RunResult: Sendable, Equatable {
    /// How the run ended.
    package enum Status: String, Sendable, Decodable {
        /// All steps were made.
        case finished
        /// Stopped by a signal after a checkpoint; resumable.
        case stopped
        /// Ended by an error.
        case failed
    }

    /// How the run ended.
    package let status: Status
    /// The last committed step.
    package let step: Int
    /// Held-out metrics by name (`masked_lm_loss`, `unigram_cross_entropy`, ...).
    package let eval: [String: Double]
    /// SHA-256 of the weights, in hexadecimal.
    package let weightsSHA256: String
    /// SHA-256 of the optimizer's state, in hexadecimal.
    package let optimizerSHA256: String
    /// Seconds from the start of the first process to the end, over all resumptions that the caller counts.
    package let wallSeconds: Double
    /// Tokens per second over all ranks, on average.
    package let tokensPerSecond: Double
    /// Number of trained parameters.
    package let parameters: Int
    /// Number of ranks.
    package let worldSize: Int

    /// Makes a result.
    package init(
        status: Status, step: Int, eval: [String: Double], weightsSHA256: String, optimizerSHA256: String,
        wallSeconds: Double, tokensPerSecond: Double, parameters: Int, worldSize: Int
    ) {
        self.status = status
        self.step = step
        self.eval = eval
        self.weightsSHA256 = weightsSHA256
        self.optimizerSHA256 = optimizerSHA256
        self.wallSeconds = wallSeconds
        self.tokensPerSecond = tokensPerSecond
        self.parameters = parameters
        self.worldSize = worldSize
    }

    /// Writes `result.json`; a reader finds the old file or the new one. Throws `CoordinatorError` with code `storage`.
    package func write(to path: String) throws {
        let document = JSONValue.object([
            .init("status", .string(status.rawValue)),
            .init("step", .integer(step)),
            .init("eval", .object(MetricsLog.sorted(eval).map { .init($0.key, .number($0.value)) })),
            .init("weights_sha256", .string(weightsSHA256)),
            .init("optimizer_sha256", .string(optimizerSHA256)),
            .init("wall_seconds", .number(wallSeconds)),
            .init("tokens_per_second", .number(tokensPerSecond)),
            .init("parameters", .integer(parameters)),
            .init("world_size", .integer(worldSize)),
        ])
        try OutputFile.replace(path, with: Array(document.page.utf8))
    }

    /// Reads `result.json`. Throws `CoordinatorError`: `damaged` or `storage`.
    package static func read(path: String) throws -> RunResult {
        let content = try OutputFile.content(of: path)
        do {
            return try JSONDecoder().decode(RunResult.self, from: Data(content))
        } catch {
            throw CoordinatorError(.damaged, "\(path): not the result of a run: \(error)")
        }
    }
}

extension RunResult: Decodable {
    private enum Key: String, CodingKey {
        case status
        case step
        case eval
        case weightsSHA256 = "weights_sha256"
        case optimizerSHA256 = "optimizer_sha256"
        case wallSeconds = "wall_seconds"
        case tokensPerSecond = "tokens_per_second"
        case parameters
        case worldSize = "world_size"
    }

    /// Reads the document that `write` writes; a number that was not finite comes back as NaN.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            status: try container.decode(Status.self, forKey: .status),
            step: try container.decode(Int.self, forKey: .step),
            eval: try container.decode([String: Double?].self, forKey: .eval).mapValues { $0 ?? .nan },
            weightsSHA256: try container.decode(String.self, forKey: .weightsSHA256),
            optimizerSHA256: try container.decode(String.self, forKey: .optimizerSHA256),
            wallSeconds: try container.decodeIfPresent(Double.self, forKey: .wallSeconds) ?? .nan,
            tokensPerSecond: try container.decodeIfPresent(Double.self, forKey: .tokensPerSecond) ?? .nan,
            parameters: try container.decode(Int.self, forKey: .parameters),
            worldSize: try container.decode(Int.self, forKey: .worldSize))
    }
}
