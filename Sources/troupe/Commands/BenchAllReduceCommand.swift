import ArgumentParser
import Foundation

/// How the ranks of `bench all-reduce` are joined.
enum BenchTransport: String, ExpressibleByArgument, CaseIterable { case tcp, ipc, shm }

/// `troupe bench all-reduce`
struct BenchAllReduceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all-reduce",
        abstract: "Measure the sum of a buffer over several processes.",
        discussion: """
            Starts --ranks processes, which sum a buffer of float32 again and again, one sum after the other; rank 0 tells \
            how long its calls took. Bus bandwidth is 2 (N - 1) / N of the buffer, what every rank has to send, by the \
            median. JSON keys: median_seconds, p99_seconds, bus_bandwidth_gb_per_s.

            Examples:
              troupe bench all-reduce --ranks 2 --bytes 67108864 --transport tcp
              troupe bench all-reduce --ranks 4 --bytes 4 --transport shm --json
            """)

    @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("Processes.", valueName: "n"))
    var ranks = 2

    @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("Bytes of the buffer.", valueName: "n"))
    var bytes = 64 << 20

    @Option(
        name: .long, help: "How the processes are joined: tcp (on the loopback device), ipc, or shm: shared memory.")
    var transport = BenchTransport.tcp

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Timed sums (default: 20 to 2000, by the size).", valueName: "n"))
    var repeats: Int?

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    @Option(name: .long, help: .hidden)
    var rank: Int?

    @Option(name: .long, help: .hidden)
    var meeting: String?

    @Option(name: .long, help: .hidden)
    var parent: Int32?

    func validate() throws {
        try requireOption("ranks", ranks, in: 1...64)
        try requireOption("bytes", bytes, in: 4...(1 << 33))
        if let repeats { try requireOption("repeats", repeats, in: 1...1_000_000) }
        guard bytes.isMultiple(of: 4) else { throw ValidationError("--bytes is \(bytes), expected a multiple of 4") }
    }

    func run() async throws {
        try await reportingErrors {
            let repeats = repeats ?? min(2000, max(20, (2 << 30) / bytes))
            if let parent { ParentProcess.follow(parent) }
            if let rank, let meeting {
                let benchmark = AllReduceBenchmark(
                    rank: rank, ranks: ranks, count: bytes / 4, repeats: repeats, transport: transport, folder: meeting)
                if let samples = try await offPool({ try benchmark.measure() }) { try report(samples, repeats) }
            } else {
                try await startRanks(repeats)
            }
        }
    }

    private func startRanks(_ repeats: Int) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "troupe-bench-\(getpid())")
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        var children: [ChildProcess] = []
        for rank in 0..<ranks {
            let arguments =
                [
                    "bench", "all-reduce", "--rank", String(rank), "--meeting", folder.path, "--ranks", String(ranks),
                    "--bytes", String(bytes), "--transport", transport.rawValue, "--repeats", String(repeats),
                    "--parent", String(getpid()),
                ] + (json ? ["--json"] : [])
            children.append(try await ChildProcess.start(name: "rank-\(rank)", arguments: arguments))
        }
        let failure = await withTaskGroup(of: Int32.self) { group in
            for child in children { group.addTask { await child.exitCode() } }
            let failure = await group.first { $0 != 0 }
            // What one rank lacks the others would wait for.
            if failure != nil { for child in children { child.send(SIGKILL) } }
            return failure
        }
        if let failure { throw ExitCode(failure) }
    }

    private func report(_ samples: Samples, _ repeats: Int) throws {
        let (median, p99) = (samples.median, samples.quantile(0.99))
        let bandwidth = 2 * Double(ranks - 1) / Double(ranks) * Double(bytes) / median / 1e9
        if json {
            return try printJSON([
                "ranks": ranks, "bytes": bytes, "transport": transport.rawValue, "repeats": repeats,
                "median_seconds": median, "p99_seconds": p99, "bus_bandwidth_gb_per_s": bandwidth,
            ])
        }
        print(
            "all-reduce of \(bytes) bytes, \(ranks) ranks, \(transport.rawValue): \((1e6 * median).fixed(1)) us "
                + "(99 %: \((1e6 * p99).fixed(1)) us), \(bandwidth.fixed(2)) GB/s (median of \(repeats))")
    }
}
