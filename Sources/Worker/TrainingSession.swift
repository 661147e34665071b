import Algorithms
import Collective
import ControlPlane
import Foundation
import Tensor

/// What the trainer thread of one rank does from its plan to its end: builds the program, the exchange and the store,
/// then runs the loop.
struct TrainingSession: Sendable {
    let plan: RunPlan
    let configuration: RunConfiguration
    let threads: Int
    let firstCPU: Int?
    let control: RunControl
    let queue: NoticeQueue

    /// Blocks until training ends.
    func run(over group: ProcessGroup?) -> Result<TrainingLoop.Outcome, any Error> {
        Result {
            guard Role(rawValue: plan.role) == .trainer else {
                throw WorkerError(.rendezvous, "the plan's role '\(plan.role)' is not one this build knows")
            }
            let context = ComputeContext(threads: threads, firstCPU: firstCPU)
            context.pool.bindCaller()
            let program = try makeTrainingProgram(configuration, in: context)
            let exchange: any GradientExchange =
                group.map {
                    RingExchange($0, bucketBytes: configuration.cluster.bucketBytes)
                } ?? LocalExchange()
            let store = DirectoryCheckpointStore(
                directory: "\(plan.runDirectory)/checkpoints", keep: configuration.checkpoint.keep)
            let isRoot = plan.rank == 0
            let loop = TrainingLoop(
                program: program, exchange: exchange, control: control,
                checkpoints: isRoot ? try makeWriter(store) : nil,
                evaluationInterval: configuration.evaluation.intervalSteps,
                checkpointInterval: configuration.checkpoint.intervalSteps,
                modelDirectory: "\(plan.runDirectory)/model", notify: queue.add,
                settle: { [queue] in queue.waitUntilTold(seconds: 10) })
            return try loop.run(
                from: isRoot ? try plan.resumeFrom.flatMap(Int.init).map { try store.load(step: $0) } : nil)
        }
    }

    /// A writer that tells when a checkpoint is on disk.
    private func makeWriter(_ store: DirectoryCheckpointStore) throws -> CheckpointWriter {
        try CheckpointWriter(store: store) { [queue] receipt in
            queue.add(
                .event(
                    "checkpoint_saved", step: receipt.step,
                    details: ["location": receipt.location, "bytes": String(receipt.byteCount)]))
        }
    }
}
