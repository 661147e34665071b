/// How far a run is, for a person to read.
package struct RunProgress: Sendable {
    /// The last committed step.
    package var step: Int
    /// The step at which the run ends.
    package var totalSteps: Int
    /// Training loss of the step.
    package var loss: Double?
    /// Masked-LM accuracy of the step, 0 to 1.
    package var accuracy: Double?
    /// Tokens per second over all ranks.
    package var tokensPerSecond: Double?
    /// Ranks that are alive.
    package var ranksAlive: Int
    /// Ranks that the run has.
    package var worldSize: Int

    /// Makes a progress value.
    package init(
        step: Int, totalSteps: Int, loss: Double? = nil, accuracy: Double? = nil, tokensPerSecond: Double? = nil,
        ranksAlive: Int, worldSize: Int
    ) {
        self.step = step
        self.totalSteps = totalSteps
        self.loss = loss
        self.accuracy = accuracy
        self.tokensPerSecond = tokensPerSecond
        self.ranksAlive = ranksAlive
        self.worldSize = worldSize
    }
}

/// The progress line: `step 120/600  loss 5.812  acc 0.21  18.4k tokens/s  ranks 2/2  ETA 2m10s`.
package enum ProgressLine {
    /// The line, cut to `width` characters by leaving out what matters least, from the right side of this list: step,
    /// loss, ETA, speed, ranks, accuracy.
    ///
    /// - Parameter remainingSeconds: the estimate of the time to go, when there is one.
    package static func text(_ progress: RunProgress, remainingSeconds: Double? = nil, width: Int = .max) -> String {
        // In the order shown, with the order in which fields are dropped: the highest goes first.
        var fields: [(text: String, rank: Int)] = [("step \(progress.step)/\(progress.totalSteps)", 0)]
        if let loss = progress.loss { fields.append(("loss \(Quantity.fixed(loss, 3))", 1)) }
        if let accuracy = progress.accuracy { fields.append(("acc \(Quantity.fixed(accuracy, 2))", 5)) }
        if let speed = progress.tokensPerSecond { fields.append(("\(Quantity.short(speed)) tokens/s", 3)) }
        fields.append(("ranks \(progress.ranksAlive)/\(progress.worldSize)", 4))
        if let remainingSeconds { fields.append(("ETA \(Quantity.duration(remainingSeconds))", 2)) }
        while fields.count > 1, length(fields) > width,
            let last = fields.indices.max(by: { fields[$0].rank < fields[$1].rank })
        {
            fields.remove(at: last)
        }
        return String(fields.map(\.text).joined(separator: "  ").prefix(max(width, 0)))
    }

    private static func length(_ fields: [(text: String, rank: Int)]) -> Int {
        fields.map(\.text.count).reduce(2 * (fields.count - 1), +)
    }
}
