/// How a process group behaves.
package struct ProcessGroupConfiguration: Sendable {
    /// How long a rank waits for the next segment before it gives up. It has to cover the time by which one rank may
    /// reach a collective later than another.
    package var deadline: Duration
    /// A wait that lasts this long is told to `onStall`.
    package var stallNotice: Duration
    /// How long after a peer's connection broke its last frames may still arrive.
    package var disconnectGrace: Duration
    /// Bytes of one segment; a multiple of 8.
    package var segmentBytes: Int
    /// Whether sums, broadcasts and barriers go through memory that all ranks share, who must be on one host.
    package var sharesMemory: Bool
    /// Called on the waiting thread, once per wait, with what it waits for; must not block.
    package var onStall: (@Sendable (CollectiveError) -> Void)?

    package init(
        deadline: Duration = .seconds(60), stallNotice: Duration = .seconds(3),
        disconnectGrace: Duration = .seconds(2), segmentBytes: Int = 1 << 20, sharesMemory: Bool = false,
        onStall: (@Sendable (CollectiveError) -> Void)? = nil
    ) {
        self.deadline = deadline
        self.stallNotice = stallNotice
        self.disconnectGrace = disconnectGrace
        self.segmentBytes = segmentBytes
        self.sharesMemory = sharesMemory
        self.onStall = onStall
    }
}
