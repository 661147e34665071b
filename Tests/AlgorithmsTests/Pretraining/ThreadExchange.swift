import Algorithms
import Foundation
import Tensor
import TestSupport

/// Where the ranks of one test meet: threads of this process, whose numbers are added in the order of the ranks.
///
/// `condition` guards every `var`.
private final class MeetingPlace: @unchecked Sendable {
    struct Alone: Error {}

    let worldSize: Int
    private let condition = NSCondition()
    private var parts: [Int: [[Float]]] = [:]
    private var brought: [UInt8] = []
    /// What the last meeting has agreed on; the next one replaces it only when all have come, so have read it.
    private var bytes: [UInt8] = []
    private var total: [Float] = []
    private var arrived = 0
    private var round = 0

    init(worldSize: Int) { self.worldSize = worldSize }

    /// Returns the sum once every rank has brought its parts: in the given order, or else in that of the ranks.
    func sum(_ parts: [[Float]], rank: Int, order: SummationOrder? = nil) throws -> [Float] {
        try meet(order) { self.parts[rank] = parts }
        return condition.withLock { total }
    }

    /// Returns what the rank that gives something has brought.
    func share(_ bytes: [UInt8]?) throws -> [UInt8] {
        try meet(nil) {
            if let bytes { brought = bytes }
        }
        return condition.withLock { self.bytes }
    }

    private func meet(_ order: SummationOrder?, _ bring: () -> Void) throws {
        try condition.withLock {
            bring()
            let mine = round
            arrived += 1
            if arrived == worldSize {
                total = order.map(sum(in:)) ?? sumOfRanks()
                bytes = brought
                arrived = 0
                round += 1
                condition.broadcast()
            }
            let deadline = Date(timeIntervalSinceNow: 40)
            while round == mine { guard condition.wait(until: deadline) else { throw Alone() } }
        }
    }
}

extension MeetingPlace {
    private func sumOfRanks() -> [Float] {
        let all = (0..<worldSize).compactMap { parts[$0]?.first }
        return all.dropFirst().reduce(all.first ?? []) { sum, part in zip(sum, part).map { $0 + $1 } }
    }

    private func sum(in order: SummationOrder) -> [Float] {
        var stack: [[Float]] = []
        func addToTop(_ part: [Float]) {
            stack[stack.count - 1] = zip(stack[stack.count - 1], part).map { $0 + $1 }
        }
        for action in order.actions {
            switch action {
            case .push(let rank, let part): stack.append(parts[rank]?[part] ?? [])
            case .add(let rank, let part): addToTop(parts[rank]?[part] ?? [])
            case .fold: addToTop(stack.removeLast())
            }
        }
        return stack[0]
    }
}

/// The exchange of one rank among threads; remembers the sums it has made.
final class ThreadExchange: GradientExchange {
    let rank: Int
    var worldSize: Int { place.worldSize }
    /// The buffers after each sum.
    private(set) var sums: [[Float]] = []
    private let place: MeetingPlace

    private init(rank: Int, place: MeetingPlace) {
        self.rank = rank
        self.place = place
    }

    func sum(_ buffer: UnsafeMutableBufferPointer<Float>, step: Int) throws {
        let sum = try place.sum([unsafe Array(buffer)], rank: rank)
        for (index, value) in sum.enumerated() { unsafe buffer[index] = value }
        sums.append(sum)
    }

    func sum(
        _ parts: [UnsafeBufferPointer<Float>], order: SummationOrder, into buffer: UnsafeMutableBufferPointer<Float>,
        step: Int
    ) throws {
        let sum = try place.sum(unsafe parts.map { unsafe Array($0) }, rank: rank, order: order)
        for (index, value) in sum.enumerated() { unsafe buffer[index] = value }
    }

    func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int, step: Int) throws {
        let bytes = try place.share(rank == root ? unsafe Array(buffer) : nil)
        unsafe buffer.copyBytes(from: bytes)
    }

    func barrier(step: Int) throws { _ = try place.sum([[]], rank: rank) }

    /// Runs `body` on one thread per rank; throws the first error.
    static func ranks<Value: Sendable>(
        _ worldSize: Int, _ body: @escaping @Sendable (ThreadExchange) throws -> Value
    ) async throws -> [Value] {
        let place = MeetingPlace(worldSize: worldSize)
        return try await onRankThreads(worldSize) { rank in
            try body(ThreadExchange(rank: rank, place: place))
        }.map { try $0.get() }
    }
}
