import Collective
import TestSupport
import Testing

/// The laws of the ring.
@Suite(.timeLimit(.minutes(1)))
struct RingTests {
    /// The sum in the order that RING-1 promises: for chunk c from rank c+1 round to rank c.
    private func ringSum(_ inputs: [[Float]], _ layout: ChunkLayout) -> [Float] {
        let size = inputs.count
        var result = [Float](repeating: 0, count: layout.count)
        for chunk in 0..<size {
            for index in layout.chunk(chunk) {
                result[index] = (1...size).map { inputs[(chunk + $0) % size][index] }.reduce(nil) { sum, next in
                    sum.map { next + $0 } ?? next
                }!
            }
        }
        return result
    }

    private func check(_ world: World, count: Int) throws {
        let inputs = (0..<world.size).map { values(count: count, rank: $0) }
        let layout = ChunkLayout(count: count, worldSize: world.size, segmentCount: 1024)
        let expected = ringSum(inputs, layout)
        let results = try world.results { try $0.sum(inputs[$0.rank], step: 3) }
        for (rank, result) in results.enumerated() {
            #expect(
                result.map(\.bitPattern) == expected.map(\.bitPattern),
                "rank \(rank) of \(world.size), count \(count), \(world.medium)")
        }
    }

    @Test(arguments: 1...9)
    func ringSumEqualsTheLocalSumOnEveryRankToTheBit(worldSize: Int) throws {
        for count in [0, 1, worldSize - 1, worldSize, worldSize + 1, 1000, 20_011] {
            try check(World(size: worldSize), count: count)
        }
    }

    @Test(arguments: [TransportMedium.zeroMQInproc, .zeroMQIPC, .zeroMQTCP], [2, 3, 4])
    func ringSumEqualsTheLocalSumOverZeroMQ(_ medium: TransportMedium, worldSize: Int) throws {
        for count in [1, worldSize, 1000, 20_011] {
            try check(World(size: worldSize, medium: medium), count: count)
        }
    }

    @Test(arguments: [TransportMedium.inProcess, .zeroMQTCP, .zeroMQIPC])
    func aMillionElementsInFullSegments(_ medium: TransportMedium) throws {
        var world = World(size: 3, medium: medium)
        world.configuration.segmentBytes = 1 << 20
        try check(world, count: 1_000_003)
    }

    @Test(arguments: [1, 2, 5])
    func reduceScatterThenAllGatherIsAllReduce(worldSize: Int) throws {
        let count = 5003
        let results = try World(size: worldSize).results { group in
            let input = values(count: count, rank: group.rank)
            let sum = try group.sum(input, step: 0)
            var parts = input
            try unsafe parts.withUnsafeMutableBufferPointer { buffer in
                let own = try unsafe group.reduceScatter(buffer, step: 1)
                // Everything else is undefined; make sure that it is not used.
                for index in buffer.indices where !own.contains(index) { unsafe buffer[index] = .nan }
                try unsafe group.allGather(buffer, step: 1)
            }
            return (sum, parts)
        }
        for (sum, parts) in results { #expect(sum == parts) }
    }

    @Test(arguments: [2, 3, 8])
    func bytesSentAreTheRingsShareOfTheBuffer(worldSize: Int) throws {
        let count = 100_000
        let counters = try World(size: worldSize).results { group in
            _ = try group.sum(values(count: count, rank: group.rank), step: 0)
            return group.counters
        }
        let share = 2 * Double(worldSize - 1) / Double(worldSize) * Double(count * 4)
        for counter in counters {
            #expect(abs(Double(counter.payloadBytesSent) - share) < 0.01 * share)
            #expect(abs(Double(counter.payloadBytesReceived) - share) < 0.01 * share)
        }
    }

    @Test(arguments: [TransportMedium.inProcess, .zeroMQTCP])
    func manyCollectivesInARowDoNotMix(_ medium: TransportMedium) throws {
        let sums = try World(size: 3, medium: medium).results { group in
            try (0..<50).map { step in try group.sum([Float(step * group.rank), 1], step: step) }
        }
        for ranks in sums {
            #expect(ranks == (0..<50).map { [Float(3 * $0), 3] })
        }
    }

    @Test func chunksCoverTheBufferEvenly() {
        for worldSize in 1...9 {
            for count in [0, 1, worldSize - 1, worldSize, worldSize + 1, 1000] {
                let layout = ChunkLayout(count: count, worldSize: worldSize, segmentCount: 7)
                let chunks = (0..<worldSize).map { layout.chunk($0) }
                #expect(chunks.flatMap { Array($0) } == Array(0..<count))
                let sizes = chunks.map(\.count)
                #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
                for rank in 0..<worldSize {
                    #expect(layout.segments(of: rank).flatMap { Array($0) } == Array(chunks[rank]))
                    #expect(layout.segments(of: rank).allSatisfy { (1...7).contains($0.count) })
                }
            }
        }
    }
}
