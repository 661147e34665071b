import Algorithms
import Collective

/// Gradients met by ring all-reduce.
final class RingExchange: GradientExchange {
    private let group: ProcessGroup

    init(_ group: ProcessGroup) {
        self.group = group
    }

    var rank: Int { group.rank }
    var worldSize: Int { group.worldSize }

    func sum(_ buffer: UnsafeMutableBufferPointer<Float>, step: Int) throws {
        try unsafe group.allReduce(buffer, step: step)
    }

    func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int, step: Int) throws {
        try unsafe group.broadcast(buffer, root: root, step: step)
    }

    func barrier(step: Int) throws {
        try group.barrier(step: step)
    }
}
