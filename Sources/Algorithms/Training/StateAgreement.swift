import Tensor

extension CheckpointState {
    /// Throws `checkpointMismatch` unless the checkpoint belongs to this configuration and these training data, which
    /// came from `data`.
    func check(configurationDigest: String, dataDigest: String, data: String) throws(AlgorithmsError) {
        let subject = "checkpoint of step \(step)"
        guard self.configurationDigest == configurationDigest else {
            throw AlgorithmsError(.checkpointMismatch, subject: subject, "belongs to another configuration")
        }
        guard self.dataDigest == dataDigest else {
            throw AlgorithmsError(
                .checkpointMismatch, subject: subject,
                "was trained on other data than those in \(data); prepare the same data again")
        }
    }
}

extension Optimizer {
    /// Makes weights, states and update count of all ranks equal to those of rank `root`.
    func synchronize(root: Int, step: Int, exchange: any GradientExchange) throws {
        var updates = Int64(updateCount)
        try unsafe withUnsafeMutableBytes(of: &updates) { try unsafe exchange.broadcast($0, root: root, step: step) }
        updateCount = Int(updates)
        for tensor in [arena.values] + states.map(\.values) {
            try unsafe tensor.withUnsafeMutableBytes { try unsafe exchange.broadcast($0, root: root, step: step) }
        }
    }
}
