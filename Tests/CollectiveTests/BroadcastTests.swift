import Collective
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct BroadcastTests {
    @Test(arguments: [TransportMedium.inProcess, .zeroMQIPC, .zeroMQTCP], [1, 2, 5])
    func everyRankGetsTheRootsBytes(_ medium: TransportMedium, worldSize: Int) throws {
        for count in [0, 1, 4096, 30_001] {
            for root in Set([0, worldSize - 1]) {
                let source = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ root) }
                let results = try World(size: worldSize, medium: medium).results { group in
                    var bytes = group.rank == root ? source : [UInt8](repeating: 0, count: count)
                    try unsafe bytes.withUnsafeMutableBytes { try unsafe group.broadcast($0, root: root, step: 1) }
                    return bytes
                }
                for result in results { #expect(result == source, "root \(root), count \(count)") }
            }
        }
    }

    @Test(arguments: 1...9)
    func nobodyLeavesABarrierBeforeTheLastHasCome(worldSize: Int) throws {
        let arrived = Atomic<Int>(0)
        let seen = try World(size: worldSize).results { group in
            var seen: [Int] = []
            for round in 1...5 {
                if group.rank == round % worldSize { usleep(5000) }
                arrived.wrappingAdd(1, ordering: .sequentiallyConsistent)
                try group.barrier(step: round)
                seen.append(arrived.load(ordering: .sequentiallyConsistent))
            }
            return seen
        }
        for counts in seen {
            for (index, count) in counts.enumerated() { #expect(count >= (index + 1) * worldSize) }
        }
    }

    @Test func rootOutsideTheGroupIsRefused() throws {
        let outcomes = try World(size: 2).run { group in
            var bytes: [UInt8] = [1]
            try unsafe bytes.withUnsafeMutableBytes { try unsafe group.broadcast($0, root: 2, step: 0) }
        }
        for outcome in outcomes {
            #expect(throws: CollectiveError.self) { try outcome.get() }
        }
    }
}
