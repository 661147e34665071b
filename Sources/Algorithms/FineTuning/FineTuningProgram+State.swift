import Models
import Tensor

extension FineTuningProgram {
    package func checkpoint(completedSteps: Int) -> Checkpoint {
        Checkpoint(
            of: optimizer, step: completedSteps, seed: configuration.seed,
            dataCursor: stream.cursor(completedSteps: completedSteps), configurationDigest: configuration.digest,
            dataDigest: task.digest, best: best)
    }

    package func restore(_ checkpoint: Checkpoint) throws -> Int {
        try checkpoint.state.check(
            configurationDigest: configuration.digest, dataDigest: task.digest, data: configuration.task.data)
        try checkpoint.restore(into: optimizer)
        best = checkpoint.state.best
        return checkpoint.state.step
    }

    package func synchronize(root: Int, step: Int, exchange: any GradientExchange) throws {
        try optimizer.synchronize(root: root, step: step, exchange: exchange)
        // Whether there is a best evaluation, and which.
        var record = [best == nil ? -1 : Double(best?.step ?? 0), best?.value ?? 0, Double(best?.misses ?? 0)]
        try unsafe record.withUnsafeMutableBytes { try unsafe exchange.broadcast($0, root: root, step: step) }
        best = record[0] < 0 ? nil : BestEvaluation(step: Int(record[0]), value: record[1], misses: Int(record[2]))
    }

    /// Of the best weights, which are the run's result.
    package func digests() -> (weights: String, optimizer: String) {
        (weightsDigest(arena, values: optimizer.bestWeights), optimizerDigest(optimizer))
    }

    package func export(to directory: String) throws {
        let weights = TensorSnapshot(values: optimizer.bestWeights, of: arena)
        try ModelDirectory.save(
            model.configuration, head: model.head, tensors: weights.safetensorsItems,
            tokenizer: .copied(from: source.directory), to: directory)
    }
}
