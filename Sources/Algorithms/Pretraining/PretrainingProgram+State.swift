import Models
import Tensor
import Text

extension PretrainingProgram {
    package func checkpoint(completedSteps: Int) -> Checkpoint {
        Checkpoint(
            of: optimizer, step: completedSteps, seed: configuration.seed,
            dataCursor: sampler.cursor(completedSteps: completedSteps), configurationDigest: configuration.digest,
            dataDigest: data.digest)
    }

    package func restore(_ checkpoint: Checkpoint) throws -> Int {
        let state = checkpoint.state
        let subject = "checkpoint of step \(state.step)"
        guard state.configurationDigest == configuration.digest else {
            throw AlgorithmsError(.checkpointMismatch, subject: subject, "belongs to another configuration")
        }
        guard state.dataDigest == data.digest else {
            throw AlgorithmsError(
                .checkpointMismatch, subject: subject,
                "was trained on other records than those in \(configuration.data.directory); prepare the same data again"
            )
        }
        try checkpoint.restore(into: optimizer)
        return state.step
    }

    package func synchronize(root: Int, step: Int, exchange: any GradientExchange) throws {
        var updates = Int64(optimizer.updateCount)
        try unsafe withUnsafeMutableBytes(of: &updates) { try unsafe exchange.broadcast($0, root: root, step: step) }
        optimizer.updateCount = Int(updates)
        for tensor in [arena.values] + optimizer.states.map(\.values) {
            try unsafe tensor.withUnsafeMutableBytes { try unsafe exchange.broadcast($0, root: root, step: step) }
        }
    }

    package func digests() -> (weights: String, optimizer: String) {
        (weightsDigest(arena), optimizerDigest(optimizer))
    }

    package func export(to directory: String) throws {
        try ModelDirectory.save(
            model.configuration, arena,
            tokenizer: .sentencePiece(
                path: data.tokenizerPath, lowercase: data.training.manifest.preprocessing.lowercases),
            to: directory)
    }
}
