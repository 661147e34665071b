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
        try checkpoint.state.check(
            configurationDigest: configuration.digest, dataDigest: data.digest, data: configuration.data.directory)
        try checkpoint.restore(into: optimizer)
        return checkpoint.state.step
    }

    package func synchronize(root: Int, step: Int, exchange: any GradientExchange) throws {
        try optimizer.synchronize(root: root, step: step, exchange: exchange)
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
