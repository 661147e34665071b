package import Tensor

/// How the gradients of all ranks meet. `Algorithms` declares it; `Worker` supplies the versions over the network.
///
/// All calls block and come from the trainer thread of their rank; every rank makes the same calls in the same order.
/// A call either completes on this rank or throws an error that names rank, peer, step and phase.
package protocol GradientExchange: AnyObject {
    /// This process's index in the group, `0..<worldSize`.
    var rank: Int { get }
    /// The number of processes in the group.
    var worldSize: Int { get }
    /// Sums `buffer` element by element over all ranks, in place. Every rank ends with the same bits.
    func sum(_ buffer: UnsafeMutableBufferPointer<Float>, step: Int) throws
    /// Sets `buffer` to the sum of all ranks' `parts`, added in `order`; `parts` are this rank's, of the count of `buffer`.
    /// Every rank ends with the same bits.
    func sum(
        _ parts: [UnsafeBufferPointer<Float>], order: SummationOrder, into buffer: UnsafeMutableBufferPointer<Float>,
        step: Int) throws
    /// Copies `buffer` of rank `root` into `buffer` of every other rank.
    func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int, step: Int) throws
    /// Returns once every rank has called it.
    func barrier(step: Int) throws
}

/// The exchange of a group of one: nothing to do.
package final class LocalExchange: GradientExchange {
    package let rank = 0
    package let worldSize = 1

    package init() {}

    package func sum(_ buffer: UnsafeMutableBufferPointer<Float>, step: Int) {}
    package func sum(
        _ parts: [UnsafeBufferPointer<Float>], order: SummationOrder, into buffer: UnsafeMutableBufferPointer<Float>,
        step: Int
    ) {
        unsafe order.sum(into: buffer) { _, part, use in unsafe use(UnsafeRawBufferPointer(parts[part])) }
    }
    package func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int, step: Int) {}
    package func barrier(step: Int) {}
}
