package import Transport

/// Collects what a transport tells, for tests that wait for it on a thread of their own.
package final class EventInbox: Sendable {
    private let monitor = ThreadMonitor()
    nonisolated(unsafe) private var events: [TransportEvent] = []

    /// Starts `transport` with this inbox as its handler.
    package init(_ transport: any Transport) {
        transport.start { [self] event in
            monitor.withLock { unsafe events.append(event) }
            monitor.signal()
        }
    }

    /// All events so far, once `isEnough` says so or `limit` has passed.
    package func events(
        within limit: Duration = .seconds(10), until isEnough: ([TransportEvent]) -> Bool
    ) -> [TransportEvent] {
        let deadline = MonotonicInstant.now().advanced(by: limit)
        return monitor.withLock {
            while unsafe !isEnough(events), MonotonicInstant.now() < deadline { monitor.wait(until: deadline) }
            return unsafe events
        }
    }

    /// The messages that have come, once there are `count` or `limit` has passed.
    package func messages(_ count: Int, within limit: Duration = .seconds(10)) -> [Message] {
        Self.messages(events(within: limit) { Self.messages($0).count >= count })
    }

    /// The first messages, once there are `count`; for tests whose messages come from tasks, which must not be blocked.
    package func awaitMessages(_ count: Int) async throws -> [Message] {
        while true {
            let messages = messages(0)
            if messages.count >= count { return messages }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// A message as plain data.
    package struct Message: Equatable, Sendable {
        package let sender: PeerName
        package let frames: [[UInt8]]

        package init(sender: PeerName, frames: [[UInt8]]) {
            self.sender = sender
            self.frames = frames
        }
    }

    private static func messages(_ events: [TransportEvent]) -> [Message] {
        events.compactMap { event in
            guard case .message(let sender, let frames) = event else { return nil }
            return Message(sender: sender, frames: frames.map { $0.array() })
        }
    }
}
