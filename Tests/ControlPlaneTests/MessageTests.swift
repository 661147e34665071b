import ControlPlane
import Testing
import Wire

@Suite struct MessageTests {
    private static let node = NodeID(address: "tcp://host:1", incarnation: 0xfeed)

    private func check<Message: WireCodable & Equatable>(_ message: Message) throws {
        let bytes = message.encoded()
        #expect(try Message(decoding: bytes) == message)
        for count in bytes.indices {
            #expect(throws: WireError.self) { try Message(decoding: Array(bytes[..<count])) }
        }
    }

    @Test func everyMessageSurvivesTheWireAndNoneSurvivesACut() throws {
        for rank in [nil, 3] {
            try check(
                JoinRequest(
                    nodeID: Self.node, processID: 4, hostName: "höst", dataEndpoint: "tcp://host:2", protocolVersion: 1,
                    threads: 8, requestedRank: rank))
        }
        try check(JoinReply(accepted: true, message: "welcome"))
        try check(Heartbeat(nodeID: Self.node, rank: -1, generation: 0, step: 12, phase: "forward"))
        try check(HeartbeatReply(directive: .none))
        try check(HeartbeatReply(directive: .stopAfterStep))
        try check(HeartbeatReply(directive: .abort(reason: "rank 2 lost")))
        try check(StepReport(rank: 1, generation: 1, step: 9, values: ["loss": 7.25, "tokens": 4096]))
        try check(RunEvent(rank: 0, step: 10, name: "checkpoint", details: ["path": "runs/x/checkpoints/10"]))
        try check(
            RankOutcome(
                rank: 1, generation: 1, step: 50, status: .stopped, message: "on request", exitCode: 75,
                values: ["loss": 5], digests: ["parameters": "ab12"]))
        try check(
            RunPlan(
                runID: RunID(7), rank: 1, worldSize: 2, generation: 1, role: "trainer", peers: ["a", "b"],
                configuration: "steps: 50\n", runDirectory: "runs/x", resumeFrom: "runs/x/checkpoints/10"))
    }

    @Test func unknownDirectiveIsRefused() {
        for words in [["sleep"], ["none", "x"], ["abort"], []] as [[String]] {
            #expect(throws: WireError.self) { try HeartbeatReply.Directive(decoding: words.encoded()) }
        }
    }
}
