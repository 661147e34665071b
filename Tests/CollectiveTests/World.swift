import Collective
import Synchronization
import TestSupport
import Transport
import Wire

/// Ranks as threads of this process, joined by a medium.
struct World {
    let size: Int
    var medium = TransportMedium.inProcess
    var generation = 1
    var runID = RunID(42)
    var configuration = ProcessGroupConfiguration(deadline: .seconds(20), segmentBytes: 4096)
    /// The fault of each message that a rank sends, by rank and number of the message.
    var script: (@Sendable (_ rank: Int, _ message: Int) -> Fault)?

    /// Ranks that share memory, under a name of their own.
    static func sharing(_ size: Int) -> World {
        var world = World(size: size, runID: RunID(UInt64.random(in: 1...UInt64.max)))
        world.configuration.sharesMemory = true
        return world
    }

    /// Runs `body` on every rank and returns what came of it, by rank. Every rank leaves as soon as it is done.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (ProcessGroup) throws -> Value
    ) throws -> [Result<Value, any Error>] {
        let make = medium.makeFactory()
        var transports: [any Transport] = []
        var peers: [String] = []
        for rank in 0..<size {
            let transport = make()
            peers.append(try transport.bind(medium.wildcard))
            if let script {
                transports.append(FaultyTransport(transport) { script(rank, $0) })
            } else {
                transports.append(transport)
            }
        }
        let outcomes = Outcomes<Value>(count: size)
        for (rank, transport) in transports.enumerated() {
            PlatformThread.start(named: "rank-\(rank)") { [peers, generation, runID, configuration] in
                outcomes.set(
                    rank,
                    Result {
                        let group = try ProcessGroup(
                            rank: rank, peers: peers, runID: runID, generation: generation, transport: transport,
                            configuration: configuration)
                        defer { group.close() }
                        return try body(group)
                    })
            }
        }
        return outcomes.wait()
    }

    /// The results of all ranks; throws the first error.
    func results<Value: Sendable>(_ body: @escaping @Sendable (ProcessGroup) throws -> Value) throws -> [Value] {
        try run(body).map { try $0.get() }
    }

    private final class Outcomes<Value: Sendable>: Sendable {
        private let slots: Mutex<[Result<Value, any Error>?]>
        private let done = Latch()

        init(count: Int) { slots = Mutex(Array(repeating: nil, count: count)) }

        func set(_ rank: Int, _ outcome: Result<Value, any Error>) {
            let isLast = slots.withLock { slots in
                slots[rank] = outcome
                return slots.allSatisfy { $0 != nil }
            }
            if isLast { done.open() }
        }

        func wait() -> [Result<Value, any Error>] {
            done.wait()
            return slots.withLock { $0.compactMap { $0 } }
        }
    }
}

extension ProcessGroup {
    /// All-reduces a copy of `values`.
    func sum(_ values: [Float], step: Int) throws -> [Float] {
        var values = values
        try unsafe values.withUnsafeMutableBufferPointer { try unsafe allReduce($0, step: step) }
        return values
    }
}

/// Numbers with fractions, so that the order of summation shows in the bits.
func values(count: Int, rank: Int, seed: UInt64 = 1) -> [Float] {
    var state = seed &+ UInt64(rank) &* 0x9e37_79b9_7f4a_7c15
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 33)) / 65_536
    }
}
