import Collective
import Tensor
import TestSupport
import Testing
import Transport

/// Collectives of ranks that share memory: threads here, which map it apart like processes.
@Suite(.timeLimit(.minutes(1)))
struct SharedMemoryTests {
    @Test(arguments: 1...9)
    func sumsAreThoseOfTheRanksInOrder(worldSize: Int) throws {
        for count in [0, 1, worldSize - 1, worldSize, worldSize + 1, 1000, 1025, 20_011, 300_007] {
            let inputs = (0..<worldSize).map { values(count: count, rank: $0) }
            let expected = inputs.dropFirst().reduce(inputs[0]) { sum, next in zip(sum, next).map { $0 + $1 } }
            let results = try World.sharing(worldSize).results { try $0.sum(inputs[$0.rank], step: 3) }
            for (rank, result) in results.enumerated() {
                let isSame = result.map(\.bitPattern) == expected.map(\.bitPattern)
                #expect(isSame, "rank \(rank) of \(worldSize), count \(count)")
            }
        }
    }

    /// Many rounds of all kinds, so that slots are used again and again while some ranks lag.
    @Test(arguments: [2, 3, 5])
    func collectivesInARowDoNotMix(worldSize: Int) throws {
        let results = try World.sharing(worldSize).results { group in
            var found: [[Float]] = []
            for step in 0..<60 {
                if step % 7 == group.rank { PlatformThread.sleep(.milliseconds(2)) }
                found.append(
                    try group.sum([Float](repeating: Float(step * (group.rank + 1)), count: 1 + step * 40), step: step))
                var sent = [Float](repeating: group.rank == step % worldSize ? Float(step) : -1, count: 200_000)
                try unsafe sent.withUnsafeMutableBytes {
                    try unsafe group.broadcast($0, root: step % worldSize, step: step)
                }
                found.append([sent.first ?? -1, sent.last ?? -1])
                if step % 5 == 0 { try group.barrier(step: step) }
            }
            return found
        }
        let ranks = Float(worldSize * (worldSize + 1) / 2)
        for found in results {
            for step in 0..<60 {
                #expect(
                    found[2 * step] == [Float](repeating: Float(step) * ranks, count: 1 + step * 40), "step \(step)")
                #expect(found[2 * step + 1] == [Float(step), Float(step)], "step \(step)")
            }
        }
    }

    /// The same bits as over sockets, when the order is given.
    @Test(arguments: [2, 3, 4])
    func aGivenOrderGivesTheBitsOfTheSockets(worldSize: Int) throws {
        let counts = (0..<worldSize).map { $0 % 2 + 1 }
        let parts = counts.enumerated().flatMap { rank, count in (0..<count).map { (rank: rank, part: $0) } }
        let actions: [SummationOrder.Action] = parts.reversed().enumerated().map { index, part in
            index == 0 ? .push(rank: part.rank, part: part.part) : .add(rank: part.rank, part: part.part)
        }
        let order = SummationOrder(partCounts: counts, actions: actions)
        @Sendable func sum(_ group: ProcessGroup) throws -> [UInt32] {
            let own = (0..<counts[group.rank]).map { values(count: 150_001, rank: 10 * group.rank + $0) }
            var result = [Float](repeating: .nan, count: 150_001)
            try unsafe result.withUnsafeMutableBufferPointer { buffer in
                let pointers = unsafe own.map { part in unsafe part.withUnsafeBufferPointer { unsafe $0 } }
                try unsafe group.allReduce(pointers, into: buffer, order: order, step: 0)
            }
            withExtendedLifetime(own) {}
            return result.map(\.bitPattern)
        }
        let sockets = try World(size: worldSize).results(sum)
        for shared in try World.sharing(worldSize).results(sum) {
            let isSame = shared == sockets[0]
            #expect(isSame)
        }
    }

    @Test func aRankThatLeavesIsNamed() throws {
        var world = World.sharing(3)
        world.configuration.disconnectGrace = .milliseconds(100)
        let outcomes = try world.run { group in
            _ = try group.sum([1], step: 0)
            if group.rank == 2 { return }
            _ = try group.sum([1], step: 1)
        }
        for rank in 0..<2 {
            let error = #expect(throws: CollectiveError.self) { try outcomes[rank].get() }
            #expect(error?.place.peer == 2 || error?.code == .peerLost, "\(String(describing: error))")
        }
    }

    @Test func aRankThatStaysAwayIsNamedAtTheDeadline() throws {
        var world = World.sharing(2)
        // Long enough for a busy machine to come together.
        world.configuration.deadline = .seconds(3)
        let outcomes = try world.run { group in
            _ = try group.sum([1], step: 0)
            if group.rank == 1 {
                PlatformThread.sleep(.seconds(5))
                return
            }
            _ = try group.sum([1], step: 1)
        }
        let error = #expect(throws: CollectiveError.self) { try outcomes[0].get() }
        let isNamed = error?.code == .stalled && error?.place.peer == 1 && error?.place.step == 1
        #expect(isNamed, "\(String(describing: error))")
    }

    @Test func abortEndsAWait() throws {
        let outcomes = try World.sharing(2).run { group in
            _ = try group.sum([1], step: 0)
            if group.rank == 1 {
                PlatformThread.sleep(.milliseconds(300))
                return
            }
            PlatformThread.start(named: "abort") {
                PlatformThread.sleep(.milliseconds(50))
                group.abort("enough")
            }
            _ = try group.sum([1], step: 1)
        }
        let error = #expect(throws: CollectiveError.self) { try outcomes[0].get() }
        #expect(error?.code == .aborted && error?.message == "enough")
    }
}
