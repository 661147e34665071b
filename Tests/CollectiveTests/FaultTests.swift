import Collective
import Glibc
import Synchronization
import TestSupport
import Testing
import Transport
import Wire

/// Every fault ends in the right sum or in an error by name, within the deadline, and never in a wrong sum.
@Suite(.timeLimit(.minutes(1)))
struct FaultTests {
    private static let media = [TransportMedium.inProcess, .zeroMQTCP]

    private func world(
        _ size: Int, _ medium: TransportMedium, deadline: Duration = .milliseconds(300), grace: Duration = .seconds(10),
        _ script: (@Sendable (Int, Int) -> Fault)? = nil
    ) -> World {
        World(
            size: size, medium: medium,
            configuration: ProcessGroupConfiguration(
                deadline: deadline, disconnectGrace: grace, segmentBytes: 256),
            script: script)
    }

    /// All-reduces whole numbers, whose sum has one right answer.
    private func sums(_ world: World, count: Int = 1000) throws -> [Result<[Float], any Error>] {
        try world.run { group in
            try group.sum((0..<count).map { Float(($0 % 64) * (group.rank + 1)) }, step: 5)
        }
    }

    private func expected(_ size: Int, count: Int = 1000) -> [Float] {
        let factor = (1...size).reduce(0, +)
        return (0..<count).map { Float(($0 % 64) * factor) }
    }

    private func error(_ outcome: Result<[Float], any Error>) -> CollectiveError? {
        guard case .failure(let error) = outcome else { return nil }
        return error as? CollectiveError
    }

    @Test(arguments: media, [2, 3])
    func delayedDuplicatedAndReorderedFramesStillGiveTheSum(_ medium: TransportMedium, size: Int) throws {
        for seed in 1...4 {
            let faulty = world(size, medium, deadline: .seconds(20)) { rank, message in
                switch (message &* 7 &+ rank &* 3 &+ seed) % 5 {
                case 0: .duplicate
                case 1: .delay(milliseconds: 1 + message % 7)
                default: .none
                }
            }
            for (rank, outcome) in try sums(faulty).enumerated() {
                #expect(try outcome.get() == expected(size), "rank \(rank), seed \(seed)")
            }
        }
    }

    @Test(arguments: media)
    func duplicatesAreCounted(_ medium: TransportMedium) throws {
        let faulty = world(2, medium, deadline: .seconds(20)) { _, _ in .duplicate }
        let dropped = try faulty.results { group in
            for step in 0..<3 { _ = try group.sum([1, 2, 3, 4], step: step) }
            try group.barrier(step: 3)
            return group.counters.duplicatesDropped
        }
        #expect(dropped.allSatisfy { $0 > 0 })
    }

    @Test(arguments: media)
    func droppedFrameIsAStallThatNamesEverything(_ medium: TransportMedium) throws {
        // Rank 1's third message: the third segment of its chunk on the first hop.
        let faulty = world(2, medium) { rank, message in rank == 1 && message == 2 ? .drop : .none }
        let failed = try #require(error(try sums(faulty)[0]))
        #expect(failed.code == .stalled)
        #expect(failed.rank == 0)
        #expect(
            failed.place
                == CollectiveError.Place(peer: 1, step: 5, phase: .reduceScatter, hop: 0, segment: 2))
        #expect(failed.waitedSeconds >= 0.3)
        for word in ["rank 0", "peer rank 1", "step 5", "reduce-scatter", "segment 2", "waited"] {
            #expect(failed.description.contains(word), "\(failed)")
        }
    }

    @Test(arguments: media, [Fault.flipBit, .flipHeaderBit])
    func changedBitIsCorruptionByName(_ medium: TransportMedium, fault: Fault) throws {
        let faulty = world(2, medium) { rank, message in rank == 1 && message == 1 ? fault : .none }
        let failed = try #require(error(try sums(faulty)[0]))
        #expect(failed.code == .corrupt)
        #expect(failed.place.peer == 1 && failed.place.step == 5)
    }

    @Test(arguments: media, [2, 4])
    func cutRankEndsEveryRankWithAnErrorAndNoneWithAWrongSum(_ medium: TransportMedium, size: Int) throws {
        for message in [0, 3] {
            let faulty = world(size, medium) { rank, sent in rank == 1 && sent >= message ? .cut : .none }
            for (rank, outcome) in try sums(faulty).enumerated() {
                let failed = try #require(error(outcome), "rank \(rank): \(outcome)")
                #expect([.stalled, .peerLost].contains(failed.code))
                #expect(failed.place.peer == (rank + size - 1) % size)
            }
        }
    }

    @Test(arguments: media, [2, 3])
    func rankThatLeavesIsNamedByTheOthers(_ medium: TransportMedium, size: Int) throws {
        let outcomes = try world(size, medium, deadline: .seconds(20), grace: .milliseconds(50)).run {
            group -> [Float] in
            _ = try group.sum([1, 2, 3, 4, 5, 6], step: 0)
            if group.rank == 0 { return [] }
            return try group.sum([1, 2, 3, 4, 5, 6], step: 1)
        }
        let failed = try #require(error(outcomes[1]))
        #expect(failed.code == .peerLost)
        #expect(failed.place.peer == 0 && failed.place.step == 1)
        for outcome in outcomes[2...] { #expect(error(outcome)?.code == .peerLost) }
    }

    @Test(arguments: media)
    func abortEndsABlockedCallAtOnceAndTheGroupStaysBroken(_ medium: TransportMedium) throws {
        let outcomes = try world(2, medium, deadline: .seconds(50)).run { group -> [Float] in
            guard group.rank == 0 else {
                // Comes late, to a group that has given up.
                usleep(100_000)
                return []
            }
            PlatformThread.start(named: "aborter") {
                usleep(20_000)
                group.abort("the coordinator said so")
            }
            let first = #expect(throws: CollectiveError.self) { try group.sum([1, 2], step: 4) }
            #expect(first?.code == .aborted)
            #expect(first?.message == "the coordinator said so")
            #expect(first?.place.step == 4)
            return try group.sum([1, 2], step: 5)
        }
        #expect(error(outcomes[0])?.code == .aborted)
    }

    @Test func stallIsNoticedBeforeTheDeadline() throws {
        let notices = Mutex<[CollectiveError]>([])
        var faulty = world(2, .inProcess)
        faulty.configuration.stallNotice = .milliseconds(50)
        faulty.configuration.onStall = { notice in notices.withLock { $0.append(notice) } }
        faulty.script = { rank, _ in rank == 1 ? .drop : .none }
        let outcomes = try sums(faulty)
        #expect(outcomes.allSatisfy { error($0) != nil })
        let first = try #require(notices.withLock { $0.first { $0.rank == 0 } })
        #expect(first.place.peer == 1 && first.place.step == 5)
    }

    @Test(arguments: media)
    func ranksInDifferentCollectivesNoticeIt(_ medium: TransportMedium) throws {
        let outcomes = try world(2, medium).run { group in
            try group.sum([Float](repeating: 1, count: group.rank == 0 ? 10 : 12), step: 0)
        }
        #expect(outcomes.contains { error($0)?.code == .mismatch })
        let steps = try world(2, medium).run { group in try group.sum([1, 2], step: group.rank) }
        #expect(steps.contains { error($0)?.code == .mismatch })
    }

    @Test(arguments: media)
    func framesOfAnotherGenerationAreDroppedAndCounted(_ medium: TransportMedium) throws {
        let make = medium.makeFactory()
        let (ours, theirs) = (make(), make())
        let peers = [try ours.bind(medium.wildcard), try theirs.bind(medium.wildcard)]
        let group = try ProcessGroup(
            rank: 0, peers: peers, runID: RunID(1), generation: 2, transport: ours,
            configuration: ProcessGroupConfiguration(deadline: .milliseconds(300)))
        try theirs.connect(to: peers[0])
        for (run, generation) in [(RunID(1), UInt32(1)), (RunID(9), 2)] {
            let header = DataFrameHeader(
                phase: .barrier, elementType: .bytes, runID: run, step: 0, generation: generation, bucket: 1, hop: 0,
                segment: 0, sender: 1, elementCount: 0, payloadChecksum: 0)
            try theirs.send([Frame(header.encoded()), Frame([])], to: peers[0])
        }
        let failed = #expect(throws: CollectiveError.self) { try group.barrier(step: 0) }
        #expect(failed?.code == .stalled)
        #expect(group.counters.staleDropped == 2)
        theirs.close()
        group.close()
    }

    @Test func strangersFramesAreDroppedAndCounted() throws {
        let network = InProcessNetwork()
        let (ours, peer, stranger) = (network.makeTransport(), network.makeTransport(), network.makeTransport())
        let peers = [try ours.bind("local://a"), try peer.bind("local://b")]
        let group = try ProcessGroup(rank: 0, peers: peers, runID: RunID(1), generation: 1, transport: ours)
        try stranger.connect(to: peers[0])
        try stranger.send([Frame([1, 2, 3])], to: peers[0])
        #expect(group.counters.strangersDropped == 1)
        group.close()
    }

    @Test func groupThatCannotWorkIsRefused() throws {
        let network = InProcessNetwork()
        let transport = network.makeTransport()
        let name = try transport.bind("local://a")
        for (rank, peers) in [(2, [name, "local://b"]), (0, [name, name]), (1, [name, "local://b"]), (0, [])] {
            let error = #expect(throws: CollectiveError.self) {
                try ProcessGroup(rank: rank, peers: peers, runID: RunID(1), generation: 1, transport: transport)
            }
            #expect(error?.code == .badGroup)
        }
    }
}
