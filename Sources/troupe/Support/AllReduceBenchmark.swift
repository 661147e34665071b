import Collective
import Foundation
import Transport
import Wire

/// One rank of `troupe bench all-reduce`.
struct AllReduceBenchmark: Sendable {
    let rank: Int
    let ranks: Int
    /// Floats of the buffer.
    let count: Int
    let repeats: Int
    let transport: BenchTransport
    /// Where the ranks leave their endpoints for each other.
    let folder: String

    /// Joins the others and sums. Returns the durations on rank 0.
    ///
    /// - Throws: `CollectiveError` or `TransportError`; `CommandError` if a rank does not come, or a sum is wrong.
    func measure() throws -> Samples? {
        let socket = ZeroMQTransport()
        let wish = transport == .tcp ? "tcp://127.0.0.1:*" : "ipc://\(folder)/data-\(rank)"
        let endpoint = try socket.bind(wish)
        try Data(endpoint.utf8).write(to: URL(filePath: "\(folder)/rank-\(rank)"), options: .atomic)
        let group = try ProcessGroup(
            rank: rank, peers: try endpoints(), runID: RunID(UInt64(getppid())), generation: 1,
            transport: socket, configuration: ProcessGroupConfiguration(sharesMemory: transport == .shm))
        defer { group.close() }
        var values = [Float](repeating: Float(rank + 1), count: count)
        return try unsafe values.withUnsafeMutableBufferPointer { buffer in
            try unsafe group.allReduce(buffer, step: 0)
            let expected = Float(ranks * (ranks + 1) / 2)
            guard unsafe buffer.allSatisfy({ $0 == expected }) else {
                throw CommandError(.internal, "rank \(rank): the sum is not \(expected) everywhere")
            }
            // Zeros stay what they are, however often they are summed.
            unsafe buffer.update(repeating: 0)
            for step in 1...5 { try unsafe group.allReduce(buffer, step: step) }
            try group.barrier(step: 6)
            var seconds: [Double] = []
            for step in 0..<repeats {
                seconds.append(try Samples.time { try unsafe group.allReduce(buffer, step: 7 + step) })
            }
            try group.barrier(step: 7 + repeats)
            return rank == 0 ? Samples(seconds: seconds) : nil
        }
    }

    /// The endpoints of all ranks, once all are there.
    private func endpoints() throws -> [PeerName] {
        let deadline = ContinuousClock.now + .seconds(30)
        return try (0..<ranks).map { rank in
            while true {
                if let name = try? String(contentsOfFile: "\(folder)/rank-\(rank)", encoding: .utf8) { return name }
                guard ContinuousClock.now < deadline else {
                    throw CommandError(.unavailable, "rank \(rank) did not come within 30 s")
                }
                Thread.sleep(forTimeInterval: 0.005)
            }
        }
    }
}
