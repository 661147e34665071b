import Algorithms
import ArgumentParser
import Foundation
import Models
import Tensor

/// `troupe bench train-step`
struct BenchTrainStepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train-step",
        abstract: "Measure a whole pretraining step: forward, loss, backward, clipping and update.",
        discussion: """
            The batch is synthetic: random ids, 15 % of the positions predicted, every sequence full; --lengths real \
            gives sequences of different lengths, so that there are fewer tokens than slots. Dropout is that of the \
            model. Two steps warm up and are not counted.

            Figures are those of the median step. JSON keys: tokens_per_second, slots_per_second, \
            median_step_seconds, peak_rss_mib, flops_per_second (of the matrix products that the model needs), phases \
            and operations (seconds).

            Example:
              troupe bench train-step --model albert-base --batch 16 --sequence-length 128 --threads 2 --json
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("A published model: bert-base, albert-base, bert-large-cased and so on.", valueName: "name"))
    var model = "bert-base"

    @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("Sequences of the batch.", valueName: "n"))
    var batch = 16

    @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("Tokens of the longest sequence.", valueName: "n"))
    var sequenceLength = 128

    @Option(name: .long, help: "The lengths of the sequences.")
    var lengths = LengthRule.full

    @Option(name: .long, help: "The update rule.")
    var optimizer = BenchOptimizer.adamw

    @Flag(name: .long, help: "Compute each layer again in the backward pass instead of keeping its activations.")
    var activationCheckpointing = false

    @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("Timed steps.", valueName: "n"))
    var steps = 7

    @OptionGroup var compute: ComputeOptions

    /// The update rules that are measured.
    enum BenchOptimizer: String, CaseIterable, ExpressibleByArgument {
        case adamw, lamb
    }

    func validate() throws {
        let limit = try BenchModels.model(named: model).configuration.encoder.maximumPositions
        try requireOption("batch", batch, in: 1...(1 << 16))
        try requireOption("steps", steps, in: 1...100_000)
        guard (1...limit).contains(sequenceLength) else {
            throw ValidationError(
                "--sequence-length is \(sequenceLength), expected 1 to \(limit), the positions of \(model)")
        }
    }

    func run() async throws {
        try await reportingErrors { try await offPool { try measure() } }
    }

    private func measure() throws {
        let (name, configuration) = try BenchModels.model(named: model)
        let workload = StepWorkload(
            modelName: name, model: configuration, precision: compute.precision,
            optimizer: optimizer == .adamw ? .adamw : .lamb, batchSize: batch, sequenceLength: sequenceLength,
            lengthRule: lengths, recomputesActivations: activationCheckpointing)
        let context = try compute.makeContext()
        let benchmark = TrainStepBenchmark(workload, in: context)
        let (warmUps, status) = (2, StatusLine())
        var measurements: [StepMeasurement] = []
        var loss = 0.0
        for index in 0..<warmUps + steps {
            status.show(index < warmUps ? "warming up" : "measuring", done: index, total: warmUps + steps)
            let step = benchmark.step()
            loss = step.loss
            if index >= warmUps { measurements.append(step.measurement) }
        }
        status.finish()
        guard loss.isFinite else { throw CommandError(.internal, "the loss of the last step is \(loss)") }
        let report = TrainStepReport(
            workload: workload, measurements: measurements, parameterCount: benchmark.parameterCount, loss: loss)
        if compute.json {
            try printJSON(report.json.merging(compute.facts(context)) { first, _ in first })
        } else {
            print(report.text(compute.description(context)))
        }
    }
}
