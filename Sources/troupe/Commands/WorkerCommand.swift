import Algorithms
import ArgumentParser
import Collective
import ControlPlane
import Foundation
import Transport
import Worker

/// `troupe worker`: one process that trains.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Train as one process of a cluster.",
        discussion: """
            Joins the coordinator, receives the run file and its rank, and trains. The rank wished for is taken from \
            --rank, or from the environment of torchrun (RANK), Slurm (SLURM_PROCID), Open MPI (OMPI_COMM_WORLD_RANK) or \
            a Kubernetes indexed job (JOB_COMPLETION_INDEX).

            Example:
              troupe worker --coordinator tcp://head:5555 --threads 8
            """)

    /// Where schedulers put a process's rank.
    private static let rankVariables = ["RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "JOB_COMPLETION_INDEX"]

    @Option(name: .long, help: ArgumentHelp("Endpoint of the coordinator.", valueName: "endpoint"))
    var coordinator: String

    @Option(name: .long, help: ArgumentHelp("Rank to ask for.", valueName: "r"))
    var rank: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Compute threads (default: the run file's threads, or all cores).", valueName: "n"))
    var threads: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Bind compute threads to CPUs n, n + 1, ... of those the process may use (default: not bound).",
            valueName: "n"))
    var pinFrom: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Where the coordinator reaches this worker, e.g. tcp://10.0.0.5:*.", valueName: "endpoint"))
    var controlEndpoint = "tcp://127.0.0.1:*"

    @Option(
        name: .long,
        help: ArgumentHelp("Where other workers reach this one, e.g. tcp://10.0.0.5:*.", valueName: "endpoint"))
    var dataEndpoint = "tcp://127.0.0.1:*"

    @Option(name: .long, help: ArgumentHelp("Seconds to wait for the cluster to gather.", valueName: "s"))
    var rendezvousTimeout: Double = 60

    @Option(name: .long, help: .hidden)
    var parent: Int32?

    func validate() throws {
        if let rank, rank < 0 { throw ValidationError("--rank is \(rank), expected at least 0") }
        if let threads, threads < 1 { throw ValidationError("--threads is \(threads), expected at least 1") }
        if let pinFrom, pinFrom < 0 { throw ValidationError("--pin-from is \(pinFrom), expected at least 0") }
        guard rendezvousTimeout > 0, rendezvousTimeout <= 86_400 else {
            throw ValidationError("--rendezvous-timeout is \(rendezvousTimeout), expected above 0 and at most 86400")
        }
    }

    func run() async throws {
        try await reportingErrors {
            if let parent { ParentProcess.follow(parent) }
            let context = ZeroMQContext()
            let control = ZeroMQTransport(context: context)
            _ = try control.bind(controlEndpoint)
            let data = ZeroMQTransport(context: context)
            let dataName = try data.bind(dataEndpoint)
            let system = ClusterSystem(transport: control)
            let worker = WorkerNode(
                configuration: WorkerConfiguration(
                    coordinator: coordinator, dataEndpoint: dataName, requestedRank: rank ?? scheduledRank,
                    threads: threads, firstCPU: pinFrom,
                    rendezvousTimeout: .seconds(rendezvousTimeout)),
                system: system
            ) { plan, run in
                try ProcessGroup(
                    rank: plan.rank, peers: plan.peers, runID: plan.runID, generation: plan.generation, transport: data,
                    configuration: ProcessGroupConfiguration(
                        deadline: .seconds(run.cluster.exchangeDeadlineSeconds), segmentBytes: run.cluster.segmentBytes,
                        // Only processes of one host reach each other so.
                        sharesMemory: run.cluster.collectives == .auto
                            && plan.peers.allSatisfy { $0.hasPrefix("ipc://") })
                )
            }
            let trap = SignalTrap { _ in Task { await worker.requestStop() } }
            defer { trap.cancel() }
            let outcome = try await worker.run()
            await system.shutdown()
            data.close(flush: .zero)
            // The coordinator of a local cluster says it, once for all ranks.
            if outcome.status == .failed && parent == nil {
                let line = "error: rank \(outcome.rank) at step \(outcome.step), \(outcome.message)\n"
                FileHandle.standardError.write(Data(line.utf8))
            }
            if outcome.exitCode != 0 { throw ExitCode(Int32(outcome.exitCode)) }
        }
    }

    private var scheduledRank: Int? {
        let environment = ProcessInfo.processInfo.environment
        return Self.rankVariables.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
    }
}
