import Collective
import Tensor
import TestSupport
import Testing

/// All-reduce in a given order.
@Suite(.timeLimit(.minutes(1)))
struct OrderedSumTests {
    /// Rank r holds r % 3 parts; all are added from the last to the first, two by two.
    private func order(_ worldSize: Int) -> SummationOrder {
        let counts = (0..<worldSize).map { worldSize == 1 ? 2 : ($0 + 1) % 3 }
        let parts = counts.enumerated().flatMap { rank, count in (0..<count).map { (rank, $0) } }.reversed()
        var actions: [SummationOrder.Action] = []
        for (index, part) in parts.enumerated() {
            actions.append(index % 2 == 0 ? .push(rank: part.0, part: part.1) : .add(rank: part.0, part: part.1))
        }
        actions += Array(repeating: .fold, count: (parts.count + 1) / 2 - 1)
        return SummationOrder(partCounts: counts, actions: actions)
    }

    private func part(_ rank: Int, _ part: Int, _ count: Int) -> [Float] {
        values(count: count, rank: 10 * rank + part)
    }

    /// The sum by the meaning of the actions.
    private func expected(_ order: SummationOrder, _ count: Int) -> [Float] {
        var stack: [[Float]] = []
        for action in order.actions {
            switch action {
            case .push(let rank, let index): stack.append(part(rank, index, count))
            case .add(let rank, let index):
                stack.append(zip(stack.removeLast(), part(rank, index, count)).map { $0 + $1 })
            case .fold:
                let top = stack.removeLast()
                stack.append(zip(stack.removeLast(), top).map { $0 + $1 })
            }
        }
        return stack[0]
    }

    private func check(_ world: World, count: Int, inPlace: Bool = false) throws {
        let order = order(world.size)
        let expected = expected(order, count)
        let results = try world.results { group in
            let parts = (0..<order.partCounts[group.rank]).map { part(group.rank, $0, count) }
            var result = inPlace && !parts.isEmpty ? parts[0] : [Float](repeating: .nan, count: count)
            try unsafe result.withUnsafeMutableBufferPointer { buffer in
                // The lifetime of the arrays covers the call.
                var pointers = unsafe parts.map { part in unsafe part.withUnsafeBufferPointer { unsafe $0 } }
                if inPlace && !parts.isEmpty { unsafe pointers[0] = UnsafeBufferPointer(buffer) }
                try unsafe group.allReduce(pointers, into: buffer, order: order, step: 1)
            }
            withExtendedLifetime(parts) {}
            return result
        }
        for (rank, result) in results.enumerated() {
            let isSame = result.map(\.bitPattern) == expected.map(\.bitPattern)
            #expect(
                isSame,
                "rank \(rank) of \(world.size), count \(count), \(world.medium)")
        }
    }

    @Test(arguments: 1...9, [false, true])
    func theOrderDecidesTheBits(worldSize: Int, inPlace: Bool) throws {
        for count in [0, 1, worldSize - 1, worldSize, worldSize + 1, 1000, 20_011] {
            try check(World(size: worldSize), count: count, inPlace: inPlace)
        }
    }

    @Test(arguments: [TransportMedium.zeroMQInproc, .zeroMQIPC, .zeroMQTCP], [2, 3, 5])
    func theOrderDecidesTheBitsOverZeroMQ(_ medium: TransportMedium, worldSize: Int) throws {
        for count in [1, worldSize, 1000, 20_011] {
            try check(World(size: worldSize, medium: medium), count: count)
        }
    }

    @Test(arguments: [TransportMedium.inProcess, .zeroMQTCP])
    func aMillionElementsInFullSegments(_ medium: TransportMedium) throws {
        var world = World(size: 3, medium: medium)
        world.configuration.segmentBytes = 1 << 20
        try check(world, count: 1_000_003, inPlace: true)
    }

    /// With one part per rank, the volume of the ring.
    @Test(arguments: [2, 3, 8])
    func bytesSentAreTheRingsShareOfTheBuffer(worldSize: Int) throws {
        let count = 100_000
        let actions: [SummationOrder.Action] =
            [.push(rank: 0, part: 0)] + (1..<worldSize).map { .add(rank: $0, part: 0) }
        let order = SummationOrder(partCounts: Array(repeating: 1, count: worldSize), actions: actions)
        let counters = try World(size: worldSize).results { group in
            var buffer = values(count: count, rank: group.rank)
            try unsafe buffer.withUnsafeMutableBufferPointer {
                try unsafe group.allReduce([UnsafeBufferPointer($0)], into: $0, order: order, step: 0)
            }
            return group.counters
        }
        let share = 2 * Double(worldSize - 1) / Double(worldSize) * Double(count * 4)
        for counter in counters {
            #expect(abs(Double(counter.payloadBytesSent) - share) < 0.01 * share)
            #expect(abs(Double(counter.payloadBytesReceived) - share) < 0.01 * share)
        }
    }

    @Test func aWrongNumberOfPartsIsRefused() throws {
        let order = order(2)
        let outcomes = try World(size: 2).run { group in
            var buffer: [Float] = [1]
            try unsafe buffer.withUnsafeMutableBufferPointer {
                try unsafe group.allReduce([], into: $0, order: order, step: 0)
            }
        }
        for outcome in outcomes {
            #expect(throws: CollectiveError.self) { try outcome.get() }
        }
    }
}
