import Synchronization
import TestSupport
import Testing
import Transport

/// The laws of every transport.
@Suite(.timeLimit(.minutes(1)))
struct TransportTests {
    private static let big = [UInt8](repeating: 0xa7, count: 1 << 20)

    /// A listener and a caller that has connected to it.
    private func pair(
        _ medium: TransportMedium
    ) throws -> (listener: any Transport, caller: any Transport, address: String) {
        let make = medium.makeFactory()
        let (listener, caller) = (make(), make())
        let address = try listener.bind(medium.wildcard)
        _ = try caller.bind(medium.wildcard)
        try caller.connect(to: address)
        return (listener, caller, address)
    }

    @Test(arguments: TransportMedium.allCases)
    func messagesArriveWholeAndInOrder(_ medium: TransportMedium) throws {
        let (listener, caller, address) = try pair(medium)
        let inbox = EventInbox(listener)
        let sent: [[[UInt8]]] = [[[1]], [[2, 3], []], [Self.big, [4]], [[5], Self.big, [6]]]
        for frames in sent { try caller.send(frames.map { Frame($0) }, to: address) }
        let received = inbox.messages(sent.count)
        #expect(received == sent.map { EventInbox.Message(sender: caller.localName, frames: $0) })
        caller.close()
        listener.close()
    }

    @Test(arguments: TransportMedium.allCases)
    func listenerAnswersWhoeverCalled(_ medium: TransportMedium) throws {
        let (listener, caller, address) = try pair(medium)
        let (listening, calling) = (EventInbox(listener), EventInbox(caller))
        try caller.send([Frame([1])], to: address)
        let sender = try #require(listening.messages(1).first?.sender)
        try listener.send([Frame([2]), Frame(Self.big)], to: sender)
        #expect(calling.messages(1) == [EventInbox.Message(sender: address, frames: [[2], Self.big])])
        caller.close()
        listener.close()
    }

    @Test(arguments: TransportMedium.allCases)
    func callerWithoutAnEndpointIsAnsweredToo(_ medium: TransportMedium) throws {
        let make = medium.makeFactory()
        let (listener, caller) = (make(), make())
        let address = try listener.bind(medium.wildcard)
        try caller.connect(to: address)
        let (listening, calling) = (EventInbox(listener), EventInbox(caller))
        try caller.send([Frame([1])], to: address)
        let sender = try #require(listening.messages(1).first?.sender)
        #expect(sender == caller.localName)
        try listener.send([Frame([2])], to: sender)
        #expect(calling.messages(1).map(\.frames) == [[[2]]])
        caller.close()
        listener.close()
    }

    @Test(arguments: TransportMedium.allCases)
    func messagesWaitForAHandlerAndForTheListener(_ medium: TransportMedium) throws {
        let make = medium.makeFactory()
        let probe = make()
        let address = try probe.bind(medium.wildcard)
        probe.close()
        let (listener, caller) = (make(), make())
        try caller.connect(to: address)
        try caller.send([Frame([1])], to: address)
        try caller.send([Frame([2])], to: address)
        #expect(try listener.bind(address) == address)
        let inbox = EventInbox(listener)
        #expect(inbox.messages(2).map(\.frames) == [[[1]], [[2]]])
        caller.close()
        listener.close()
    }

    @Test(arguments: TransportMedium.allCases)
    func countersCountWhatWentThrough(_ medium: TransportMedium) throws {
        let (listener, caller, address) = try pair(medium)
        let inbox = EventInbox(listener)
        for _ in 0..<3 { try caller.send([Frame([1, 2]), Frame(Self.big)], to: address) }
        _ = inbox.messages(3)
        #expect(caller.counters.messagesSent == 3)
        #expect(caller.counters.bytesSent == 3 * (2 + Self.big.count))
        #expect(listener.counters.messagesReceived == 3)
        #expect(listener.counters.bytesReceived == caller.counters.bytesSent)
        caller.close()
        listener.close()
    }

    @Test(arguments: TransportMedium.allCases)
    func messageToAStrangerIsUndeliverable(_ medium: TransportMedium) throws {
        let listener = medium.makeFactory()()
        _ = try listener.bind(medium.wildcard)
        let inbox = EventInbox(listener)
        try listener.send([Frame([1])], to: "nobody")
        let events = inbox.events { !$0.isEmpty }
        guard case .undeliverable("nobody", _) = events.first else {
            Issue.record("expected an undeliverable message, got \(events)")
            return
        }
        #expect(listener.counters.messagesDropped == 1)
        listener.close()
    }

    @Test(arguments: TransportMedium.allCases)
    func secondListenerAtAnEndpointIsRefusedByName(_ medium: TransportMedium) throws {
        let make = medium.makeFactory()
        let (first, second) = (make(), make())
        let address = try first.bind(medium.wildcard)
        let error = #expect(throws: TransportError.self) { try second.bind(address) }
        #expect(error?.code == .addressInUse)
        #expect(error?.endpoint == address)
        first.close()
        second.close()
    }

    @Test(arguments: TransportMedium.allCases)
    func badEndpointIsRefusedByName(_ medium: TransportMedium) throws {
        let transport = medium.makeFactory()()
        for endpoint in ["", "nonsense", "tcp://", "tcp://127.0.0.1:notaport", "udp://127.0.0.1:1"] {
            let error = #expect(throws: TransportError.self, "\(endpoint)") { try transport.bind(endpoint) }
            #expect(error?.code == .badEndpoint, "\(endpoint)")
            #expect(error?.endpoint == endpoint)
        }
        transport.close()
    }

    @Test(arguments: TransportMedium.allCases.filter(\.seesDisconnection))
    func closingIsNoticedByThoseWhoConnected(_ medium: TransportMedium) throws {
        let (listener, caller, address) = try pair(medium)
        let inbox = EventInbox(caller)
        _ = inbox.events { !$0.isEmpty }
        listener.close()
        let events = inbox.events { $0.count >= 2 }
        guard case .connected(address) = events.first, case .disconnected(address) = events.last else {
            Issue.record("expected connected, disconnected; got \(events)")
            return
        }
        caller.close()
    }

    @Test(arguments: TransportMedium.allCases)
    func closedTransportRefusesEverything(_ medium: TransportMedium) throws {
        let transport = medium.makeFactory()()
        transport.close()
        transport.close()
        let address = medium.wildcard
        #expect(throws: TransportError.self) { try transport.bind(address) }
        #expect(throws: TransportError.self) { try transport.connect(to: address) }
        let error = #expect(throws: TransportError.self) { try transport.send([Frame([1])], to: address) }
        #expect(error?.code == .closed)
    }

    @Test(arguments: TransportMedium.allCases)
    func closingReleasesLeasedFramesThatNobodyTook(_ medium: TransportMedium) throws {
        let make = medium.makeFactory()
        let caller = make()
        let probe = make()
        let nobody = try probe.bind(medium.wildcard)
        probe.close()
        try caller.connect(to: nobody)
        let released = Latch()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        do {
            let lease = FrameLease { released.open() }
            try caller.send([unsafe Frame(leasing: UnsafeRawBufferPointer(memory), lease: lease)], to: nobody)
        }
        caller.close()
        released.wait()
        unsafe memory.deallocate()
    }

    @Test(arguments: TransportMedium.allCases)
    func flushingCloseDeliversWhatWasQueued(_ medium: TransportMedium) throws {
        let (listener, caller, address) = try pair(medium)
        let inbox = EventInbox(listener)
        for _ in 0..<16 { try caller.send([Frame(Self.big)], to: address) }
        caller.close(flush: .seconds(5))
        #expect(inbox.messages(16).count == 16)
        listener.close()
    }
}
