import Algorithms
import Collective
import ControlPlane
import Synchronization
import TestSupport
import Transport
import Worker

/// A store in memory that may fail from some step on, and that counts its saves.
final class CountingStore: CheckpointStore {
    private let inner = InMemoryCheckpointStore(keep: 100)
    private let failsFrom: Int
    private let saves = Mutex<[Int]>([])

    init(failsFrom: Int = .max) { self.failsFrom = failsFrom }

    /// The steps saved, in order.
    var saved: [Int] { saves.withLock { $0 } }

    func prepare() {}

    func save(_ checkpoint: Checkpoint) throws -> CheckpointReceipt {
        guard checkpoint.state.step < failsFrom else {
            throw AlgorithmsError(.noSpace, subject: "/disk/step-\(checkpoint.state.step)", "no room")
        }
        saves.withLock { $0.append(checkpoint.state.step) }
        return inner.save(checkpoint)
    }

    func steps() -> [Int] { inner.steps() }

    func load(step: Int) throws -> Checkpoint { try inner.load(step: step) }
}

/// What one rank's loop did and told.
struct LoopRecord: Sendable {
    var outcome: TrainingLoop.Outcome
    var trained: [Int]
    var evaluated: [Int]
    var exported: [String]
    var notices: [TrainingLoop.Notice]
    /// How many notices there were each time that the loop waited for their arrival.
    var settled: [Int]

    /// Steps told of.
    var steps: [Int] { notices.compactMap { if case .step(let step, _) = $0 { step } else { nil } } }
    /// Evaluations told of.
    var evaluations: [Int] { notices.compactMap { if case .evaluation(let step, _) = $0 { step } else { nil } } }

    /// The steps at which events of this name were told.
    func events(_ name: String) -> [Int] {
        notices.compactMap { if case .event(name, let step, _) = $0 { step } else { nil } }
    }
}

/// A loop over a scripted program, as one rank runs it.
struct LoopRun: Sendable {
    var totalSteps = 7
    var evaluationInterval = 0
    var checkpointInterval = 0
    var store = CountingStore()
    var resume: Checkpoint?
    /// Called at the beginning of each step on each rank.
    var onStep: @Sendable (_ rank: Int, _ step: Int, RunControl) throws -> Void = { _, _, _ in }

    /// Runs the loop of one rank to its end. Only rank 0 has a store and the checkpoint; every rank starts with weights
    /// of its own.
    func run(over exchange: any GradientExchange, control: RunControl = RunControl()) throws -> LoopRecord {
        let rank = exchange.rank
        let program = ScriptedProgram(totalSteps: totalSteps, seed: UInt64(rank + 1)) { [onStep] step in
            try onStep(rank, step, control)
        }
        let told = Notices()
        let loop = TrainingLoop(
            program: program, exchange: exchange, control: control,
            checkpoints: rank == 0 ? try CheckpointWriter(store: store) : nil, evaluationInterval: evaluationInterval,
            checkpointInterval: checkpointInterval, modelDirectory: "run/model",
            notify: { notice in told.all.withLock { $0.append(notice) } },
            settle: { told.all.withLock { notices in told.settled.withLock { $0.append(notices.count) } } })
        let outcome = try loop.run(from: rank == 0 ? resume : nil)
        return LoopRecord(
            outcome: outcome, trained: program.trained, evaluated: program.evaluated, exported: program.exported,
            notices: told.all.withLock { $0 }, settled: told.settled.withLock { $0 })
    }

    /// Runs the loops of `worldSize` ranks on threads of their own, over a ring in this process.
    func run(worldSize: Int) async throws -> [Result<LoopRecord, any Error>] {
        let network = InProcessNetwork()
        let transports = (0..<worldSize).map { _ in network.makeTransport() }
        let peers = try transports.map { try $0.bind("local://*") }
        let runID = makeRunID()
        return await onRankThreads(worldSize) { rank in
            let group = try ProcessGroup(
                rank: rank, peers: peers, runID: runID, generation: 1, transport: transports[rank],
                configuration: ProcessGroupConfiguration(
                    deadline: .seconds(40), disconnectGrace: .milliseconds(50), segmentBytes: 64))
            defer { group.close() }
            return try run(over: RingExchange(group, bucketBytes: 4))
        }
    }

    private final class Notices: Sendable {
        let all = Mutex<[TrainingLoop.Notice]>([])
        let settled = Mutex<[Int]>([])
    }
}
