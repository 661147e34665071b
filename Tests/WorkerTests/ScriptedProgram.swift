import Algorithms
import Tensor

/// A program of a few numbers whose steps add up what the ranks give, and that writes down what it is asked to do.
final class ScriptedProgram: TrainingProgram {
    let totalSteps: Int
    let parameterCount: Int
    let summary = ["model": "scripted"]
    private(set) var trained: [Int] = []
    private(set) var evaluated: [Int] = []
    private(set) var exported: [String] = []
    private let optimizer: StochasticGradientDescent
    private let onStep: (Int) throws -> Void

    /// - Parameters:
    ///   - seed: of the initial weights.
    ///   - onStep: called at the beginning of each step, which is counted from 0.
    init(totalSteps: Int, seed: UInt64 = 1, onStep: @escaping (Int) throws -> Void = { _ in }) {
        self.totalSteps = totalSteps
        self.onStep = onStep
        let arena = ParameterArena(
            entries: [ParameterEntry(name: "weight", shape: [3, 5], initializer: .normal(std: 1))], in: ComputeContext()
        )
        arena.initialize(seed: seed)
        parameterCount = arena.parameterCount
        optimizer = StochasticGradientDescent(arena, momentum: 0.5)
    }

    func train(step: Int, stopRequested: Bool, exchange: any GradientExchange) throws -> StepOutcome {
        try onStep(step)
        var sums: [Float] = [stopRequested ? 1 : 0, Float((step + 1) * (exchange.rank + 1))]
        try unsafe sums.withUnsafeMutableBufferPointer { try unsafe exchange.sum($0, step: step) }
        let gradient = sums[1]
        optimizer.arena.gradients.withMutableFloats { gradients in
            for index in 0..<gradients.count { gradients[index] = gradient * Float(index % 3 - 1) }
        }
        optimizer.step(learningRate: 0.1, gradientScale: 1)
        trained.append(step)
        return StepOutcome(values: ["loss": Double(gradient)], stop: sums[0] > 0, tokens: 10)
    }

    func evaluate(step: Int, exchange: any GradientExchange) throws -> [String: Double] {
        var ranks: [Float] = [1]
        try unsafe ranks.withUnsafeMutableBufferPointer { try unsafe exchange.sum($0, step: step) }
        evaluated.append(step)
        return ["ranks": Double(ranks[0]), "step": Double(step)]
    }

    func checkpoint(completedSteps: Int) -> Checkpoint {
        Checkpoint(
            of: optimizer, step: completedSteps, seed: 1, dataCursor: DataCursor(), configurationDigest: "c",
            dataDigest: "d")
    }

    func restore(_ checkpoint: Checkpoint) throws -> Int {
        try checkpoint.restore(into: optimizer)
        return checkpoint.state.step
    }

    func export(to directory: String) { exported.append(directory) }

    func digests() -> (weights: String, optimizer: String) {
        (weightsDigest(optimizer.arena), optimizerDigest(optimizer))
    }

    func synchronize(root: Int, step: Int, exchange: any GradientExchange) throws {
        for tensor in [optimizer.arena.values] + optimizer.states.map(\.values) {
            try unsafe tensor.withUnsafeMutableBytes { try unsafe exchange.broadcast($0, root: root, step: step) }
        }
    }
}
