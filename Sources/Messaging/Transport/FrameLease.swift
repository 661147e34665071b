/// Tells its holder when the last frame over the holder's memory is gone.
package final class FrameLease: Sendable {
    private let onRelease: @Sendable () -> Void

    /// - Parameter onRelease: called once, on any thread; it must not block.
    package init(onRelease: @escaping @Sendable () -> Void) {
        self.onRelease = onRelease
    }

    deinit { onRelease() }
}
